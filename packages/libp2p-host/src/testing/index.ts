/**
 * For the tests of overlays over libp2p: nodes in memory, and the suite that every structured overlay passes there.
 *
 * @packageDocumentation
 */
export { makeNode } from './make-node.ts'
export { peerOf, type StructuredNode, type StructuredSuite, structuredCompliance } from './structured-compliance.ts'
export { until } from './until.ts'
