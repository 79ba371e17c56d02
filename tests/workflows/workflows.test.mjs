// The workflows of a public CI. They cannot be run here: what is checked, with the service's own parser, is that they are
// what it reads, and that none of them claims to have been run.

import assert from 'node:assert/strict'
import { readFileSync, readdirSync } from 'node:fs'
import { register } from 'node:module'
import { test } from 'node:test'

// The parser imports its schema in the form of bundlers, which Node takes only with a word on the type.
const load = `export const load = (url, context, next) =>
  next(url, url.endsWith('.json') ? { ...context, importAttributes: { type: 'json' } } : context)`
register(`data:text/javascript,${encodeURIComponent(load)}`)
const { NoOperationTraceWriter, convertWorkflowTemplate, parseWorkflow } = await import('@actions/workflow-parser')

const folder = new URL('../../.github/workflows/', import.meta.url)
const workflows = readdirSync(folder).map((name) => ({ name, text: readFileSync(new URL(name, folder), 'utf8') }))

/**
 * The jobs of a workflow, and what the service has against it.
 * @param {string} content
 */
async function read(content) {
  const { context, value } = parseWorkflow({ name: 'workflow', content }, new NoOperationTraceWriter())
  if (!value) return { errors: ['not a workflow'], jobs: [] }
  const { jobs } = await convertWorkflowTemplate(context, value)
  return { errors: context.errors.getErrors().map((error) => error.message), jobs }
}

for (const { name, text } of workflows) {
  test(`f_p08_a_workflow_is_what_the_service_reads: ${name}`, async () => {
    const { errors, jobs } = await read(text)
    assert.deepEqual(errors, [])
    assert.ok(jobs.length > 0)
  })

  test(`f_p08_a_mistake_in_a_workflow_is_found: ${name}`, async () => {
    const mistakes = [
      text.replace('jobs:', 'job:'),
      text.replaceAll(/^ {4}(runs-on|uses):/gm, '    runs-at:'),
      text.replace('permissions:', 'permission:'),
    ]
    for (const mistake of mistakes) {
      assert.notEqual(mistake, text)
      assert.notDeepEqual((await read(mistake)).errors, [])
    }
  })

  test(`f_p08_only_the_job_that_runs_here_may_omit_the_mark: ${name}`, async () => {
    assert.match(text, /marked as not run/)
    for (const job of (await read(text)).jobs) {
      const runsHere = job.type === 'job' && job.steps.some((step) => 'run' in step && String(step.run) === 'cargo xtask test')
      assert.equal(String(job.name).endsWith('(not run)'), !runsHere, String(job.name))
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
