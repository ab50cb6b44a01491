import type { Peer } from '@servent/machine'
import type { DropReason } from '../drops.ts'
import { mentionOf } from '../host-cache.ts'
import type { ConnectRequest, ConnectResponse, Message } from '../messages.ts'
import { ACCEPTING, CLOSING, CONFIRMING, CONNECTING, GUEST, UP } from '../neighbor.ts'
import { lastHeaders, ownHeaders, PLAIN_HELLO, readHello } from './hello.ts'
import { HybridMember } from './hybrid-member.ts'
import { type HybridLink, LEAF, PLAIN, ULTRAPEER } from './link.ts'
import { admit } from './roles.ts'

/** Hosts named to someone for whom there is no room. From LimeWire. */
const TRY_ULTRAPEERS_MAX = 10

/** Ours: visits that are on their way, and messages that each is for. */
const VISITS_MAX = 16
const ERRANDS_MAX = 8

/**
 * The handshake of 0.6: whoever dialed asks, the other answers, whoever dialed has the last word. And visits: connections
 * of a moment, on which something is delivered to someone who is no neighbor.
 *
 * 1. Both ends have agreed before either takes the other for a neighbor.
 * 2. When two dial each other at once, the one with the smaller key takes the part of the one who was dialed.
 * 3. A role that changed while hands were shaken is said in the last words, and judged again.
 */
export abstract class HybridHandshake extends HybridMember {
  /** What is to be delivered, by whom to. */
  #errands: Map<Peer, Message[]> | undefined = undefined

  override onPeerDisconnected(peer: Peer): void {
    this.#errands?.delete(peer)
    super.onPeerDisconnected(peer)
  }

  /** Something from someone who is here for a moment. */
  protected abstract onGuestMessage(link: HybridLink, message: Message): DropReason | undefined

  /** Delivers a message to anybody: over our link, or else by a visit. False if that cannot be tried. */
  protected deliver(peer: Peer, message: Message): boolean {
    if (peer === this.host.self || this.blocked.includes(peer)) return false
    const known = this.find(peer)
    if (known?.state === UP || known?.state === GUEST) {
      this.host.send(peer, message)
      return true
    }
    if (known?.state === CLOSING) return false
    this.#errands ??= new Map()
    const errands = this.#errands.get(peer) ?? []
    if (errands.length >= ERRANDS_MAX || (errands.length === 0 && this.#errands.size >= VISITS_MAX)) return false
    errands.push(message)
    this.#errands.set(peer, errands)
    if (known !== undefined) return true
    this.dial(peer, this.now())
    const link = this.find(peer)
    if (link !== undefined) link.isVisit = true
    return true
  }

  protected override comeUp(link: HybridLink): void {
    super.comeUp(link)
    this.#runErrands(link)
  }

  protected override greet(link: HybridLink): void {
    const headers = ownHeaders(this.config, this.isUltrapeer, link.isVisit ? { isVisit: true } : {})
    this.host.send(link.peer, { type: 'ConnectRequest', headers })
  }

  protected override shakeHands(link: HybridLink, message: Message): DropReason | undefined {
    const { state } = link
    if (state === GUEST) return this.onGuestMessage(link, message)
    if (message.type === 'ConnectRequest') {
      if (state === ACCEPTING || (state === CONNECTING && this.yieldsTo(link.peer))) return this.#answer(link, message)
      // It will answer ours.
      if (state === CONNECTING) return undefined
    } else if (message.type === 'ConnectResponse') {
      if (state === CONNECTING) return this.#conclude(link, message)
      if (state === CONFIRMING) return this.#confirm(link, message)
    } else if (message.type === 'Connect' && state === ACCEPTING) {
      return this.#answerPlain(link)
    } else if ((message.type === 'Connect' || message.type === 'Ok') && state === CONNECTING) {
      return this.#concludePlain(link)
    }
    this.punish(link, 'bad-handshake')
    return 'bad-handshake'
  }

  #answer(link: HybridLink, request: ConnectRequest): DropReason | undefined {
    const hello = readHello(request.headers)
    link.hello = hello
    if (hello.isVisit) {
      this.#agree(link, undefined)
      this.takeGuest(link)
      return undefined
    }
    link.isVisit = false
    const admission = admit(hello, this.standing(), this.config)
    if (typeof admission === 'string') {
      this.#refuse(link, admission)
      return 'neighbors-full'
    }
    if (admission.isPromoting) this.become('ultrapeer')
    link.kind = admission.kind
    this.setState(link, CONFIRMING)
    this.#agree(link, admission.isUltrapeerNeeded)
    return undefined
  }

  /** Someone of 0.4 has no place with a leaf; it is told of ultrapeers by pongs. */
  #answerPlain(link: HybridLink): DropReason | undefined {
    const admission = admit(PLAIN_HELLO, this.standing(), this.config)
    this.host.send(link.peer, { type: 'Ok' })
    if (typeof admission === 'string') {
      this.takeGuest(link)
      return 'neighbors-full'
    }
    if (admission.isPromoting) this.become('ultrapeer')
    this.comeUp(link)
    return undefined
  }

  /** A servent of 0.4 took our request for a Connect. Our last words end the text, as in any handshake of 0.6. */
  #concludePlain(link: HybridLink): DropReason | undefined {
    this.#sayLast(link)
    if (link.isVisit) this.#visit(link)
    // A leaf with an ultrapeer would be a dead end for its floods.
    else if (this.isUltrapeer || this.countOf(ULTRAPEER) === 0) this.comeUp(link)
    else this.close(link, 'disconnected')
    return undefined
  }

  /** We dialed, and this is the answer. */
  #conclude(link: HybridLink, response: ConnectResponse): DropReason | undefined {
    if (response.code !== 200) {
      const now = this.now()
      for (const peer of response.tryUltrapeers) {
        this.learnUltrapeer({ ...mentionOf(peer), reporter: link.peer, hops: 2 }, now)
      }
      this.close(link, 'disconnected')
      return undefined
    }
    const hello = readHello(response.headers)
    link.hello = hello
    if (link.isVisit) {
      this.#sayLast(link)
      this.#visit(link)
      return undefined
    }
    const problem = this.#kindOfDialed(link)
    if (problem !== undefined) {
      this.#refuse(link, problem)
      return undefined
    }
    if (hello.isUltrapeer && hello.isUltrapeerNeeded === false && this.mayYield(link)) this.become('leaf', link)
    this.#sayLast(link)
    this.comeUp(link)
    return undefined
  }

  /** Finds out what one that agreed is to us, or says why we do not want it after all. */
  #kindOfDialed(link: HybridLink): string | undefined {
    const { isUltrapeer } = link.hello
    if (isUltrapeer === undefined) link.kind = PLAIN
    else if (isUltrapeer) {
      if (!this.isUltrapeer && this.countOf(ULTRAPEER) >= this.config.leafUltrapeers) return 'Shielded leaf'
      link.kind = ULTRAPEER
    } else {
      if (!this.isUltrapeer) return 'Neither is an ultrapeer'
      if (this.countOf(LEAF) >= this.config.leafSlots) return 'No leaf slots'
      link.kind = LEAF
    }
    return undefined
  }

  /** We were dialed and have agreed, and these are the last words. */
  #confirm(link: HybridLink, response: ConnectResponse): DropReason | undefined {
    if (response.code !== 200) {
      this.close(link, 'disconnected')
      return undefined
    }
    const { isUltrapeer } = readHello(response.headers)
    if (isUltrapeer !== undefined && isUltrapeer !== link.hello.isUltrapeer) {
      // It has changed its role since it asked. The place that it was promised is free again.
      link.hello = { ...link.hello, isUltrapeer }
      this.setState(link, ACCEPTING)
      const admission = admit(link.hello, this.standing(), this.config)
      if (typeof admission === 'string' || admission.isPromoting) {
        this.close(link, 'role-changed')
        return 'neighbors-full'
      }
      link.kind = admission.kind
    }
    this.comeUp(link)
    return undefined
  }

  #agree(link: HybridLink, isUltrapeerNeeded: boolean | undefined): void {
    const said = isUltrapeerNeeded === undefined ? {} : { isUltrapeerNeeded }
    this.host.send(link.peer, agreement(ownHeaders(this.config, this.isUltrapeer, said)))
  }

  #sayLast(link: HybridLink): void {
    this.host.send(link.peer, agreement(lastHeaders(this.isUltrapeer)))
  }

  #refuse(link: HybridLink, reason: string): void {
    this.host.send(link.peer, {
      type: 'ConnectResponse',
      code: 503,
      reason,
      headers: ownHeaders(this.config, this.isUltrapeer, {}),
      tryUltrapeers: this.hostsFor(link.peer, TRY_ULTRAPEERS_MAX).map(({ peer }) => peer),
    })
    this.close(link, 'disconnected')
  }

  /** We are here for a moment. */
  #visit(link: HybridLink): void {
    this.takeGuest(link)
    this.#runErrands(link)
  }

  #runErrands({ peer }: HybridLink): void {
    const errands = this.#errands?.get(peer)
    if (errands === undefined) return
    this.#errands?.delete(peer)
    for (const message of errands) this.host.send(peer, message)
  }
}

function agreement(headers: ReadonlyMap<string, string>): ConnectResponse {
  return { type: 'ConnectResponse', code: 200, reason: 'OK', headers, tryUltrapeers: [] }
}
