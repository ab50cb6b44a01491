import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { CAN_FIGURES } from './papers/can.ts'
import { CHORD_FIGURES } from './papers/chord.ts'
import { type FigureRow, isNear, type PaperFigure, toleranceText } from './papers/figure.ts'
import { PASTRY_FIGURES } from './papers/pastry.ts'

/** Every figure, in the order of the document. */
const FIGURES: readonly PaperFigure[] = [...PASTRY_FIGURES, ...CHORD_FIGURES, ...CAN_FIGURES]

const DOCUMENT = fileURLToPath(new URL('../../docs/papers.md', import.meta.url))

interface Drawn {
  readonly figure: PaperFigure
  readonly rows: readonly FigureRow[]
  readonly seconds: number
}

/**
 * Makes the figures of the papers again: `npm run -s bench -- papers [--only pastry] [--quick] [--json]`.
 *
 * Writes docs/papers.md when all of them were made at full size; else prints what was made.
 */
export async function run(options: { readonly json: boolean; readonly args: readonly string[] }): Promise<unknown> {
  const { values } = parseArgs({
    args: [...options.args],
    options: {
      only: { type: 'string', default: '' },
      quick: { type: 'boolean', default: false },
      json: { type: 'boolean' },
    },
  })
  const chosen = FIGURES.filter(({ name }) => name.startsWith(values.only))
  if (chosen.length === 0) throw new Error(`--only is the beginning of ${FIGURES.map(({ name }) => name).join(', ')}.`)
  const drawn = chosen.map((figure) => draw(figure, values.quick))
  const report = drawn.map(({ figure, rows, seconds }) => ({
    name: figure.name,
    title: figure.title,
    seconds: Math.round(seconds),
    rows: rows.map((row) => ({ ...row, near: isNear(row) })),
  }))
  if (options.json) {
    process.stdout.write(`${JSON.stringify(report)}\n`)
  } else if (values.quick || values.only !== '') {
    process.stdout.write(drawn.map(section).join('\n'))
  } else {
    writeFileSync(DOCUMENT, documentOf(drawn))
    process.stdout.write('docs/papers.md is written.\n')
  }
  return report
}

function draw(figure: PaperFigure, isQuick: boolean): Drawn {
  process.stderr.write(`${figure.title} … `)
  const startedAt = performance.now()
  const rows = figure.rows(isQuick)
  const seconds = (performance.now() - startedAt) / 1000
  const far = rows.filter((row) => !isNear(row)).length
  process.stderr.write(
    `${seconds.toFixed(0)} s, ${far === 0 ? 'all' : `${rows.length - far} of ${rows.length}`} near\n`
  )
  return { figure, rows, seconds }
}

function documentOf(drawn: readonly Drawn[]): string {
  const all = drawn.flatMap(({ rows }) => rows)
  return [
    '# The figures of the papers',
    '',
    'The experiments of the papers, run on the machines of this repository in its simulator, one table a figure: the number of the paper, ours, and how far apart they may be.',
    'Made by `npm run -s bench -- papers`; the same seed gives the same numbers on any machine.',
    '',
    `${all.filter(isNear).length} of ${all.length} values are as near as they should be.`,
    '',
    drawn.map(section).join('\n'),
  ].join('\n')
}

function section({ figure, rows }: Drawn): string {
  return [
    `## ${figure.title}`,
    '',
    `${sentence(figure.source)} ${sentence(figure.setup)}`,
    '',
    '| | paper | ours | apart at most | |',
    '| --- | --- | --- | --- | --- |',
    ...rows.map((row) => {
      const { what, paper, ours, tolerance } = row
      const verdict = isNear(row) ? 'yes' : '**no**'
      return `| ${what} | ${digits(paper)} | ${digits(ours)} | ${toleranceText(tolerance)} | ${verdict} |`
    }),
    '',
  ].join('\n')
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`
}

/** Four significant digits, as papers print. */
function digits(value: number): string {
  if (value === 0) return '0'
  const decimals = Math.max(0, Math.min(4, 3 - Math.floor(Math.log10(Math.abs(value)))))
  return (+value.toFixed(decimals)).toString()
}
