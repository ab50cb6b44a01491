import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ProtocolError } from '../errors.ts'
import { type Peer, toPeer } from '../host.ts'
import type { Machine } from '../machine.ts'
import type { PeerCodec, Protocol } from '../protocol.ts'
import { forAll, type Trials } from './for-all.ts'
import { MachineDriver, type Manners, type Step } from './machine-driver.ts'
import { RecordingHost } from './recording-host.ts'
import { testPeerCodec } from './test-peer-codec.ts'

/** What the suite has to know of a protocol. */
export interface MachineSuite<Message extends { readonly type: string }, Config, M extends Machine<Message>>
  extends Partial<Manners<Message>> {
  /** Small bounds find more: a table of eight is full sooner than one of thousands. */
  readonly config: Readonly<Config>
  /** Well-typed messages of every type. Peers in them are integers from 0 to 2^32 - 1. */
  readonly messages: fc.Arbitrary<Message>
  /** What an application may call. */
  readonly verbs?: readonly fc.Arbitrary<(machine: M) => unknown>[]
  /** Types of messages that a stream can only begin with, besides `opening` and its answer: never behind others. */
  readonly greetings?: readonly Message['type'][]
  /** How many things the machine remembers, all tables together. */
  stateSize(machine: M): number
  /** More than this is never remembered with `config`. */
  readonly stateMax: number
  /** Peers that the machine takes for connected. */
  connectedPeers(machine: M): Iterable<Peer>
  /** Whether messages may go to peers that are not connected, as in structured overlays. Default false. */
  readonly sendsToAnyone?: boolean
  /** How many sequences, messages and hostile inputs are tried. */
  readonly trials?: Trials
}

/** Peers that the sequences draw from: few, so that they meet again. */
const PEERS = 8

/** The suite that every protocol passes: what `Machine` and `Codec` promise a world. */
export function machineCompliance<Message extends { readonly type: string }, Event, Config, M extends Machine<Message>>(
  protocol: Protocol<Message, Event, Config, M>,
  suite: MachineSuite<Message, Config, M>
): void {
  const manners: Manners<Message> = { opening: suite.opening ?? [], answer: suite.answer ?? (() => undefined) }

  describe(`${protocol.id} keeps the promises of a codec`, () => codecTests(protocol, suite, manners))

  describe(`${protocol.id} keeps the promises of a machine`, () => {
    const drive = () => new MachineDriver<Message, Event, M>(protocol.create, suite.config, manners)
    const steps = fc.array(anyStep(suite), { maxLength: 120, size: 'max' })
    const given = (test: (drawn: Step<Message, M>[]) => void) => () => forAll(steps, test, suite.trials)

    it('has no effect when it is made', () => {
      const host = new RecordingHost<Message, Event>(toPeer(0))
      protocol.create(host, suite.config)
      expect(host.take()).toEqual([])
    })

    it(
      'throws for no sequence of well-typed calls, and remembers no more than its bounds',
      given((drawn) => {
        const driver = drive()
        driver.start()
        for (const step of drawn) {
          driver.do(step)
          expect(suite.stateSize(driver.machine)).toBeLessThanOrEqual(suite.stateMax)
        }
      })
    )

    it(
      'sends to itself never, and to strangers only if that is its way',
      given((drawn) => {
        const driver = drive()
        driver.start()
        for (const step of drawn) {
          const before = new Set(driver.connected)
          const from = driver.effects.length
          driver.do(step)
          for (const effect of driver.effects.slice(from)) {
            if (effect.effect !== 'send') continue
            expect(effect.to).not.toBe(driver.host.self)
            const isKnown = before.has(effect.to) || driver.connected.has(effect.to) || isTouched(step, effect.to)
            expect(isKnown || suite.sendsToAnyone === true).toBe(true)
          }
        }
      })
    )

    it(
      'takes no peer for connected that has gone',
      given((drawn) => {
        const driver = drive()
        driver.start()
        for (const step of drawn) {
          driver.do(step)
          for (const peer of suite.connectedPeers(driver.machine)) expect(driver.connected.has(peer)).toBe(true)
        }
        driver.hangUpAll()
        expect([...suite.connectedPeers(driver.machine)]).toEqual([])
      })
    )

    it(
      'does the same when the same is done to it',
      given((drawn) => {
        const [once, again] = [drive(), drive()]
        for (const driver of [once, again]) {
          driver.start()
          for (const step of drawn) driver.do(step)
        }
        expect(again.effects).toEqual(once.effects)
      })
    )

    it(
      'says nothing when it is stopped',
      given((drawn) => {
        const driver = drive()
        driver.start()
        for (const step of drawn) driver.do(step)
        const count = driver.effects.length
        driver.machine.stop()
        expect(driver.host.take().filter(({ effect }) => effect === 'setTimer' || effect === 'connect')).toEqual([])
        expect(driver.effects).toHaveLength(count)
        expect([...suite.connectedPeers(driver.machine)]).toEqual([])
      })
    )
  })
}

function codecTests<Message extends { readonly type: string }, Event, Config, M extends Machine<Message>>(
  protocol: Protocol<Message, Event, Config, M>,
  suite: MachineSuite<Message, Config, M>,
  manners: Manners<Message>
): void {
  const { codec, framing } = protocol
  const peers: PeerCodec = testPeerCodec
  const encoded = suite.messages.map((message) => codec.encode(message, peers))

  it('reads what it wrote', () => {
    forAll(
      suite.messages,
      (message) => expect(codec.decode(codec.encode(message, peers), peers)).toEqual(message),
      suite.trials
    )
  })

  it('knows the size beforehand', () => {
    forAll(
      suite.messages,
      (message) => expect(codec.size(message, peers)).toBe(codec.encode(message, peers).length),
      suite.trials
    )
  })

  it('cuts a stream into what was put on it, wherever the chunks end', () => {
    const atTheBeginning = new Set<string>(suite.greetings)
    for (const opening of manners.opening) {
      atTheBeginning.add(opening.type)
      const answer = manners.answer(opening)
      if (answer !== undefined) atTheBeginning.add(answer.type)
    }
    const later = suite.messages.filter(({ type }) => !atTheBeginning.has(type))
    const stream = fc.tuple(fc.array(later, { maxLength: 4 }), fc.integer({ min: 1, max: 64 }))
    const cutsRight = ([messages, chunkBytes]: [Message[], number]) => {
      const sent = [...manners.opening, ...messages].map((message) => codec.encode(message, peers))
      const bytes = concat(sent.map((message) => framing.frame(message)))
      const cutter = framing.cutter()
      const cut: Uint8Array[] = []
      for (let at = 0; at < bytes.length; at += chunkBytes) cut.push(...cutter.push(bytes.slice(at, at + chunkBytes)))
      expect(cut.map((frame) => [...frame])).toEqual(sent.map((message) => [...message]))
    }
    forAll(stream, cutsRight, suite.trials)
  })

  it('gives a message or a ProtocolError for any bytes', () => {
    const isHandled = (bytes: Uint8Array) => expectMessageOrProtocolError(() => codec.decode(bytes, peers))
    forAll(fc.uint8Array({ maxLength: 400 }), isHandled, suite.trials)
    forAll(mutated(encoded), isHandled, suite.trials)
  })

  it('cuts any bytes or throws a ProtocolError', () => {
    const isHandled = (chunks: Uint8Array[]) => {
      const cutter = framing.cutter()
      expectMessageOrProtocolError(() => chunks.flatMap((chunk) => cutter.push(chunk)))
    }
    const opening = manners.opening.map((message) => framing.frame(codec.encode(message, peers)))
    const opened = fc.array(mutated(encoded), { maxLength: 5 }).map((chunks) => [...opening, ...chunks])
    forAll(fc.oneof(fc.array(fc.uint8Array(), { maxLength: 5 }), opened), isHandled, suite.trials)
  })
}

function anyStep<Message extends { readonly type: string }, Config, M extends Machine<Message>>(
  suite: MachineSuite<Message, Config, M>
): fc.Arbitrary<Step<Message, M>> {
  // Number 0 is the machine itself: nobody has its name, but a message may name it.
  const peer = fc.integer({ min: 1, max: PEERS })
  const connection = (step: 'dial-in' | 'dial-in-silently' | 'hang-up') => fc.record({ step: fc.constant(step), peer })
  const message = fc.record({ step: fc.constant('message' as const), peer, message: suite.messages })
  const answerDial = fc.record({ step: fc.constant('answer-dial' as const), reached: fc.boolean() })
  const timer = fc.record({ step: fc.constant('timer' as const), which: fc.nat(16) })
  const pass = fc.record({ step: fc.constant('pass' as const), ms: fc.oneof(fc.nat(100), fc.nat(100_000)) })
  const verb = (suite.verbs ?? []).map((acts) => fc.record({ step: fc.constant('verb' as const), act: acts }))
  return fc.oneof(
    { arbitrary: connection('dial-in'), weight: 6 },
    { arbitrary: connection('dial-in-silently'), weight: 1 },
    { arbitrary: connection('hang-up'), weight: 2 },
    { arbitrary: message, weight: 16 },
    { arbitrary: answerDial, weight: 2 },
    { arbitrary: timer, weight: 2 },
    { arbitrary: pass, weight: 3 },
    ...verb.map((arbitrary) => ({ arbitrary, weight: 1 }))
  )
}

/** Whether a peer could have come and gone within the step. */
function isTouched(step: { readonly step: string; readonly peer?: number }, peer: Peer): boolean {
  return step.step === 'answer-dial' || step.peer === peer
}

/** Encodings with bytes changed, cut, put in or left out. */
function mutated(encoded: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Uint8Array> {
  const change = fc.record({ at: fc.nat(), take: fc.nat(3), put: fc.uint8Array({ maxLength: 3 }) })
  return fc.tuple(encoded, fc.array(change, { minLength: 1, maxLength: 4 })).map(([bytes, changes]) => {
    let changed = [...bytes]
    for (const { at, take, put } of changes) changed = changed.toSpliced(at % (changed.length + 1), take, ...put)
    return Uint8Array.from(changed)
  })
}

function expectMessageOrProtocolError(act: () => unknown): void {
  try {
    act()
  } catch (error) {
    expect(error).toBeInstanceOf(ProtocolError)
  }
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}
