// What a hypium run is worth: one line for each test that did not pass, and the sum. It counts by itself, because
// hypium takes a failed `afterAll` and a test that throws `undefined` for passed.

/** @typedef {{ description: string, isExecuted: boolean, error?: Error, fail?: Error }} Spec a test */
/** @typedef {{ description: string, hookError: Error | null, childSuites: unknown[], specs: unknown[] }} Suite */
/** @typedef {{ getCurrentRunningSuite(): Suite }} SuiteService */
/** @typedef {{ getCurrentRunningSpec(): Spec | null }} SpecService */

/** A listener of hypium. */
export class Report {
  #run = 0
  #failures = 0
  #errors = 0
  /** @type {SuiteService} */
  #suites
  /** @type {SpecService} */
  #specs
  #onProgress

  /**
   * @param {{ suites: SuiteService, specs: SpecService }} services
   * @param {(doing: string) => void} onProgress
   */
  constructor({ suites, specs }, onProgress) {
    this.#suites = suites
    this.#specs = specs
    this.#onProgress = onProgress
  }

  suiteStart() {
    this.#onProgress(this.#suites.getCurrentRunningSuite().description)
  }

  specStart() {
    this.#onProgress(this.#title())
  }

  specDone() {
    const spec = this.#specs.getCurrentRunningSpec()
    if (!spec) return
    this.#run += 1
    if (spec.fail) {
      this.#failures += 1
      this.#show('FAILED', this.#title(), spec.fail)
    } else if (spec.error) {
      this.#errors += 1
      this.#show('ERROR', this.#title(), spec.error)
    } else if (!spec.isExecuted) {
      this.#errors += 1
      this.#show('ERROR', this.#title(), 'it threw nothing that could be shown')
    }
    this.#onProgress(`what follows ${this.#title()}`)
  }

  suiteDone() {
    const { description, hookError } = this.#suites.getCurrentRunningSuite()
    if (hookError) this.addError(`around the tests of ${description}`, hookError)
  }

  taskStart() {}

  taskDone() {}

  /**
   * Counts something that went wrong outside of a test.
   * @param {string} where
   * @param {unknown} error
   */
  addError(where, error) {
    this.#errors += 1
    this.#show('ERROR', where, error)
  }

  /** Prints the sum, and returns whether there were tests and all of them passed. */
  sum() {
    if (this.#run === 0) console.log('no test was run')
    console.log(`Tests run: ${this.#run}, Failure: ${this.#failures}, Error: ${this.#errors}`)
    return this.#run > 0 && this.#failures === 0 && this.#errors === 0
  }

  #title() {
    return `${this.#suites.getCurrentRunningSuite().description}: ${this.#specs.getCurrentRunningSpec()?.description}`
  }

  /**
   * @param {string} verdict
   * @param {string} where
   * @param {unknown} error
   */
  #show(verdict, where, error) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
    const lines = text.split('\n').filter((line) => !isOfRunner(line))
    console.log(`${verdict} ${where}\n  ${lines.join('\n  ')}`)
  }
}

// The frames between the test and us say nothing about the test.
/** @param {string} frame */
function isOfRunner(frame) {
  return /^\s+at .*(\/@ohos\/hypium\/|new Promise \(<anonymous>\))/.test(frame)
}
