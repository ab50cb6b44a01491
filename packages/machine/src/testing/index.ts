/**
 * For the tests of protocols and worlds: a host that records, a codec for integer peers, and the suites that every world
 * and every protocol has to pass.
 *
 * @packageDocumentation
 */
export { hostCompliance, type World, type WorldNode } from './host-compliance.ts'
export { Probe, type ProbeCall, type ProbeEvent, type ProbeMessage, probe } from './probe.ts'
export { type Effect, RecordingHost, testKeyOf } from './recording-host.ts'
export { testPeerCodec } from './test-peer-codec.ts'
