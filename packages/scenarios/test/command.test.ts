import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { defaultsOf, LOOKUP_SCENARIOS, runScenario, SCENARIOS } from '@servent/scenarios'
import { describe, expect, it } from 'vitest'
import { HELP, readArguments } from '../bin/arguments.ts'

const COMMAND = fileURLToPath(new URL('../bin/sim.ts', import.meta.url))

function sim(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--conditions=source', COMMAND, ...args], {
    encoding: 'utf8',
  })
  return { status, stdout, stderr }
}

describe('the command', () => {
  it('prints one JSON object and nothing else', () => {
    const { status, stdout, stderr } = sim('gnutella-0.4', '--nodes', '200', '--queries', '3', '--seed', '5', '--json')
    expect([status, stderr]).toEqual([0, ''])
    const printed = JSON.parse(stdout)
    expect(printed).toMatchObject(runScenario('gnutella-0.4', { nodes: 200, queries: 3, seed: 5 }))
    for (const cost of ['eventsPerSecond', 'bytesPerNode', 'peakRssBytes', 'wallSeconds']) {
      expect(printed[cost]).toBeGreaterThan(0)
    }
  })

  it('prints a table, and a line now and then where there is no terminal', () => {
    const { status, stdout, stderr } = sim('gnutella-0.4', '--nodes', '200', '--queries', '3')
    expect(status).toBe(0)
    expect(stdout).toMatch(/^gnutella-0\.4, 200 nodes, seed 1\n\nnodes reached/)
    expect(stdout).toMatch(/\n {8}1 hop {2}█/)
    expect(stderr).toMatch(/^( \d0 % {2}\d+\.\d M events {2}\d+\.\d s\n)+$/)
  })

  it('says what is wrong in one sentence and exits with 2', () => {
    const { status, stdout, stderr } = sim('gnutella-0.4', '--frob', '3')
    expect([status, stdout, stderr]).toEqual([2, '', "Unknown option '--frob'. Try --help.\n"])
  })

  it('prints its help', () => {
    expect(sim('--help')).toEqual({ status: 0, stdout: HELP, stderr: '' })
  })
})

describe('a command line', () => {
  it('is read into options, defaults for the rest', () => {
    const line = 'gnutella-0.4 --nodes 50 --degree 3.5 --loss=0.25 --seed -7 --latency pair:10-20 --churn 60 --wire'
    expect(readArguments(line.split(' '))).toEqual({
      kind: 'run',
      scenario: 'gnutella-0.4',
      json: false,
      options: {
        nodes: 50,
        degree: 3.5,
        ttl: 7,
        queries: 20,
        seed: -7,
        latency: 'pair:10-20',
        loss: 0.25,
        churn: 60,
        wire: true,
        workload: 'collections',
        leaves: 60,
        failUltrapeers: 0,
        grown: false,
      },
    })
  })

  it('of Gnutella 0.6 begins from its own defaults', () => {
    const line = 'gnutella-0.6 --nodes 500 --leaves 20 --fail-ultrapeers 0.33 --grown'
    expect(readArguments(line.split(' '))).toMatchObject({
      scenario: 'gnutella-0.6',
      options: {
        degree: 32,
        ttl: defaultsOf('gnutella-0.6').ttl,
        workload: 'own',
        leaves: 20,
        failUltrapeers: 0.33,
        grown: true,
      },
    })
  })

  it('that is wrong is answered with one sentence', () => {
    const names = [...SCENARIOS.keys(), ...LOOKUP_SCENARIOS.keys()].join(', ')
    const sentences = {
      '': `Say which scenario to run: ${names}.`,
      freenet: `There is no scenario named freenet; there is ${names}.`,
      'gnutella-0.4 napster': 'One scenario at a time, please: napster is too much.',
      'gnutella-0.4 --nodes': "Option '--nodes <value>' argument missing.",
      'gnutella-0.4 --nodes many': '--nodes takes a number, not many.',
      'gnutella-0.4 --nodes=': '--nodes takes a number, not nothing.',
      'gnutella-0.4 --nodes -3': '--nodes must be a whole number from 2 to 10000000, not -3.',
      'gnutella-0.6 --fail-ultrapeers 1': '--fail-ultrapeers must be a number from 0 to 0.9, not 1.',
      'gnutella-0.6 --workload some':
        '--workload takes collections (a thousand, which many share), own (each sharer its own files, rare ones too), not some.',
      'gnutella-0.4 --json=yes': "Option '--json' does not take an argument.",
    }
    for (const [line, sentence] of Object.entries(sentences)) {
      const command = readArguments(line.split(' ').filter((word) => word !== ''))
      expect(command).toEqual({ kind: 'wrong', sentence: `${sentence} Try --help.` })
    }
  })
})
