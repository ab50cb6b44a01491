/**
 * For the tests of protocols and worlds: a host that records, a codec for integer peers, and the suites that every world
 * and every protocol has to pass.
 *
 * @packageDocumentation
 */
export { forAll, type Trials } from './for-all.ts'
export { hostCompliance, type World, type WorldNode } from './host-compliance.ts'
export {
  type Draw,
  drawFrom,
  draws,
  expectSameBytes,
  framesOf,
  mutate,
  outcomeOf,
  randomFrame,
  readHostileFrames,
  refusedStreams,
} from './hostile-frames.ts'
export { type MachineSuite, machineCompliance } from './machine-compliance.ts'
export { MachineDriver, type Manners, type Step } from './machine-driver.ts'
export { Probe, type ProbeCall, type ProbeEvent, type ProbeMessage, probe } from './probe.ts'
export { type Effect, RecordingHost, testKeyOf } from './recording-host.ts'
export { testPeerCodec } from './test-peer-codec.ts'
