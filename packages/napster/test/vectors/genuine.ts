// Commands captured on loopback from OpenNap 0.36 and a client: whole frames.

function frame(code: number, data: string): Uint8Array {
  const bytes = Buffer.from(data, 'latin1')
  const header = Buffer.alloc(4)
  header.writeUInt16LE(bytes.length, 0)
  header.writeUInt16LE(code, 2)
  return Uint8Array.from(Buffer.concat([header, bytes]))
}

const ZEROS = '0'.repeat(32)

/** Headers as they were captured, so that the lengths are theirs: u16 length and u16 type, little endian, in hexadecimal. Where only the data was written down there is none. */
export const GENUINE: Readonly<Record<string, { readonly header: string | undefined; readonly frame: Uint8Array }>> = {
  checkNick: { header: '05000700', frame: frame(7, 'alice') },
  nickFree: { header: '00000800', frame: frame(8, '') },
  login: { header: '1e000200', frame: frame(2, 'alice secret 6699 "nap v0.8" 3') },
  loginAck: { header: '0e000300', frame: frame(3, 'anon@localhost') },
  messageOfTheDay: { header: '14006d02', frame: frame(621, 'VERSION opennap 0.36') },
  emptyMessageOfTheDay: { header: '00006d02', frame: frame(621, '') },
  stats: { header: '0500d600', frame: frame(214, '0 0 0') },
  share: {
    header: '56006400',
    frame: frame(100, '"generic band - generic song.mp3" b92870e0d41bc8e698cf2f0a1ddfeac7 443332 128 44100 60'),
  },
  search: { header: '3000c800', frame: frame(200, 'FILENAME CONTAINS "sneaker pimps" MAX_RESULTS 75') },
  searchResult: {
    header: '7300c900',
    frame: frame(201, `"C:\\MP3\\Sneaker Pimps - Tesko Suicide.mp3" ${ZEROS} 2558199 128 44100 159 alice 352321663 3`),
  },
  searchEnd: { header: '0000ca00', frame: frame(202, '') },
  browse: { header: '0500d300', frame: frame(211, 'alice') },
  browseEnd: { header: '0500d500', frame: frame(213, 'alice') },
  downloadRequest: { header: '2700cb00', frame: frame(203, 'alice "generic band - generic song.mp3"') },
  uploadRequest: { header: '25005f02', frame: frame(607, 'bob "generic band - generic song.mp3"') },
  acceptUpload: { header: '25006002', frame: frame(608, 'bob "generic band - generic song.mp3"') },
  downloadAck: {
    header: '5900cc00',
    frame: frame(204, `alice 352321663 6699 "generic band - generic song.mp3" ${ZEROS} 3`),
  },
  firewalledAck: { header: undefined, frame: frame(204, `bob 369098879 0 "bob tune.mp3" ${ZEROS} 7`) },
  whoisResponse: { header: undefined, frame: frame(604, 'alice "User" 21 " " "Active" 4 0 0 3 "nap v0.8"') },
  pingUser: { header: undefined, frame: frame(751, 'alice') },
  pingServer: { header: undefined, frame: frame(750, '') },
}
