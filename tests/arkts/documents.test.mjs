// Every ArkTS example of the documents is code that somebody will copy: each is whole, imports included, and is checked
// like the project's own files.

import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { test } from 'node:test'
import { check, written } from './check.mjs'
import { root } from './sources.mjs'

const folder = join(root, 'target/arkts/documents')
const documents = ['finapp/README.md', 'docs/migrate-from-finclip.md', 'docs/migrate-from-tcmpp.md']

rmSync(folder, { recursive: true, force: true })
mkdirSync(folder, { recursive: true })
const examples = documents.flatMap((document) => {
  const text = readFileSync(join(root, document), 'utf8')
  return [...text.matchAll(/^```ts\n([^]*?)^```$/gm)].map(([, code], index) => {
    const file = join(folder, `${basename(document, '.md')}_${index + 1}.ets`)
    writeFileSync(file, code ?? '')
    return { document, file }
  })
})
const findings = check(examples.map(({ file }) => file)).map(written)

for (const document of documents) {
  test(`f_p05_the_examples_of_a_document_pass_the_checker: ${document}`, () => {
    const own = examples.filter((example) => example.document === document).map(({ file }) => basename(file))
    assert.ok(own.length > 0, 'it has examples')
    assert.deepEqual(findings.filter((finding) => own.some((name) => finding.includes(name))), [])
  })
}
