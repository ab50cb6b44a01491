import type { Metrics, Stream } from '@libp2p/interface'

/** Messages and bytes. */
export interface Traffic {
  messages: number
  bytes: number
}

/**
 * Counts what a node sends on the streams of a protocol, as libp2p's metrics see them: above the muxer, so without what
 * encryption and framing of the connection add. kad-dht hands over each message by one call of `send`.
 */
export function trafficMetrics(protocol: string, traffic: Traffic): Metrics {
  const ignore = (): void => undefined
  const metric = {
    update: ignore,
    increment: ignore,
    decrement: ignore,
    reset: ignore,
    timer: () => ignore,
    observe: ignore,
  }
  const register = () => metric
  return {
    trackMultiaddrConnection: ignore,
    trackProtocolStream: (stream: Stream) => {
      if (stream.protocol === protocol) count(stream, traffic)
    },
    registerMetric: register,
    registerMetricGroup: register,
    registerCounter: register,
    registerCounterGroup: register,
    registerHistogram: register,
    registerHistogramGroup: register,
    registerSummary: register,
    registerSummaryGroup: register,
    traceFunction: (_name: string, traced: unknown) => traced,
    createTrace: ignore,
  } as unknown as Metrics
}

function count(stream: Stream, traffic: Traffic): void {
  const send = stream.send.bind(stream)
  stream.send = (data) => {
    traffic.messages++
    traffic.bytes += data.byteLength
    return send(data)
  }
}
