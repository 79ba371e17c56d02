// The workflows of a public CI. They cannot be run here: what is checked is that they are what the service reads, and
// that none of them claims to have been run.

import validator from '@action-validator/core'
import assert from 'node:assert/strict'
import { readFileSync, readdirSync } from 'node:fs'
import { test } from 'node:test'

const folder = new URL('../../.github/workflows/', import.meta.url)
const workflows = readdirSync(folder).map((name) => ({ name, text: readFileSync(new URL(name, folder), 'utf8') }))

/**
 * What the schema of workflows has against a text.
 * @param {string} text
 */
function findings(text) {
  return /** @type {{ errors: unknown[] }} */ (validator.validateWorkflow(text)).errors
}

/**
 * The jobs of a workflow: the lines that name them, and what they hold.
 * @param {string} text
 */
function jobs(text) {
  const [, body = ''] = text.split(/^jobs:\n/m)
  return body.split(/^(?= {2}[a-z-]+:\n)/m).filter((job) => job.trim() !== '' && !job.startsWith('    #'))
}

for (const { name, text } of workflows) {
  test(`f_p08_a_workflow_is_what_the_service_reads: ${name}`, () => {
    assert.deepEqual(findings(text), [])
    assert.ok(jobs(text).length > 0)
  })

  test(`f_p08_a_mistake_in_a_workflow_is_found: ${name}`, () => {
    assert.notDeepEqual(findings(text.replace('jobs:', 'job:')), [])
    assert.notDeepEqual(findings(text.replaceAll(/^ {4}(runs-on|uses):/gm, '    runs-at:')), [])
  })

  test(`f_p08_only_the_job_that_runs_here_may_omit_the_mark: ${name}`, () => {
    assert.match(text, /marked as not run/)
    for (const job of jobs(text)) {
      assert.ok(/^ {4}name: .*\(not run\)$/m.test(job) || /^ {8}run: cargo xtask test$/m.test(job), job)
    }
  })

  test(`f_p08_a_workflow_may_only_read: ${name}`, () => {
    assert.match(text, /^permissions:\n {2}contents: read$/m)
  })

  test(`f_p08_every_action_has_a_version: ${name}`, () => {
    for (const [, action = ''] of text.matchAll(/uses: (\S+)/g)) {
      assert.match(action, /^\.\/|@(v\d|\d+\.|[0-9a-f]{40}$)/, action)
    }
  })
}
