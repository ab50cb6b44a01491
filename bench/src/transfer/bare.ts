/** Bytes of one message of the bare channel, the most that browsers take. */
const MESSAGE_BYTES = 262_144

/** Bytes that may wait in the sending channel. */
const BUFFERED_BYTES_MAX = 8 * 1_048_576

/** A bare RTCDataChannel between two tabs: what the browser itself can do, to compare with. */
export interface BareChannel {
  /** Makes an offer with all candidates in it. */
  offer(): Promise<string>
  /** Takes an offer and makes the answer. */
  answer(offer: string): Promise<string>
  accept(answer: string): Promise<void>
  /** Asks the other tab to send; returns milliseconds until all has come. */
  receive(size: number): Promise<number>
}

export function bareChannel(): BareChannel {
  const connection = new RTCPeerConnection({ iceServers: [] })
  const channel = connection.createDataChannel('bare', { negotiated: true, id: 1 })
  channel.binaryType = 'arraybuffer'
  channel.bufferedAmountLowThreshold = BUFFERED_BYTES_MAX / 2
  const opened = new Promise<void>((resolve) => channel.addEventListener('open', () => resolve(), { once: true }))
  channel.addEventListener('message', ({ data }) => {
    if (typeof data === 'string') void send(channel, Number(data))
  })
  return {
    offer: async () => {
      await connection.setLocalDescription(await connection.createOffer())
      return gathered(connection)
    },
    answer: async (offer) => {
      await connection.setRemoteDescription({ type: 'offer', sdp: offer })
      await connection.setLocalDescription(await connection.createAnswer())
      return gathered(connection)
    },
    accept: (answer) => connection.setRemoteDescription({ type: 'answer', sdp: answer }),
    receive: async (size) => {
      await opened
      return receive(channel, size)
    },
  }
}

function receive(channel: RTCDataChannel, size: number): Promise<number> {
  return new Promise((resolve) => {
    const startedAt = performance.now()
    let received = 0
    const onMessage = ({ data }: MessageEvent<ArrayBuffer>) => {
      received += data.byteLength
      if (received < size) return
      channel.removeEventListener('message', onMessage)
      resolve(performance.now() - startedAt)
    }
    channel.addEventListener('message', onMessage)
    channel.send(String(size))
  })
}

async function send(channel: RTCDataChannel, size: number): Promise<void> {
  const message = new Uint8Array(MESSAGE_BYTES)
  for (let left = size; left > 0; left -= MESSAGE_BYTES) {
    if (channel.bufferedAmount > BUFFERED_BYTES_MAX) {
      await new Promise((resolve) => channel.addEventListener('bufferedamountlow', resolve, { once: true }))
    }
    channel.send(left < MESSAGE_BYTES ? message.subarray(0, left) : message)
  }
}

function gathered(connection: RTCPeerConnection): Promise<string> {
  return new Promise((resolve) => {
    const look = () => {
      if (connection.iceGatheringState === 'complete') resolve(connection.localDescription?.sdp ?? '')
    }
    connection.addEventListener('icegatheringstatechange', look)
    look()
  })
}
