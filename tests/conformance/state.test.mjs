// Libraries that keep state beside pages: computed data and stores.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hosted } from '../node/support.mjs'
import { act, dataOf, noErrors, start } from './program.mjs'

const COMPUTED = ['miniprogram-computed', 'rfdc', 'fast-deep-equal']
const STORE = ['mobx-miniprogram', 'mobx-miniprogram-bindings']

test(
  'f_m12_computed_fields_follow_the_data_of_component_and_behavior',
  hosted(async (host) => {
    const applet = await start(host, COMPUTED, {
      'extra.js': 'module.exports = Behavior({ data: { c: 2 } })',
      'pages/main/main.wxml': '<view id="sum">{{sum}}</view><button id="next" bindtap="next"></button>',
      'pages/main/main.js': `
        const { behavior } = require('miniprogram-computed')
        Component({
          behaviors: [require('../../extra.js'), behavior],
          data: { a: 1, b: 1 },
          computed: { sum: ({ a, b, c }) => a + b + c },
          methods: { next() { this.setData({ a: this.data.b, b: this.data.a + this.data.b }) } }
        })`,
    })
    assert.equal((await dataOf(applet)).sum, 4)
    await act(applet, '#next', 'tap')
    const { a, b, c, sum } = await dataOf(applet)
    assert.deepEqual({ a, b, c, sum }, { a: 1, b: 2, c: 2, sum: 5 })
    await act(applet, '#next', 'tap')
    assert.equal((await dataOf(applet)).sum, 7)
    await noErrors(host)
  }),
)

test(
  'f_m12_watchers_hear_new_and_old_values_of_what_they_watch',
  hosted(async (host) => {
    const applet = await start(host, COMPUTED, {
      'pages/main/main.wxml': '<button id="next" bindtap="next"></button><button id="other" bindtap="other"></button>',
      'pages/main/main.js': `
        const { behavior } = require('miniprogram-computed')
        Component({
          behaviors: [behavior],
          data: { a: 1, b: 1, deep: { list: [1] }, heard: [] },
          watch: {
            'a, b'(a, b, oldA, oldB) { this.setData({ heard: [...this.data.heard, [a, b, oldA, oldB]] }) },
            'deep.**'(deep) { this.setData({ heard: [...this.data.heard, deep.list] }) }
          },
          methods: {
            next() { this.setData({ a: 2, b: 3 }) },
            other() { this.setData({ 'deep.list[1]': 5, a: 2 }) }
          }
        })`,
    })
    await act(applet, '#next', 'tap')
    assert.deepEqual((await dataOf(applet)).heard, [[2, 3, 1, 1]])
    await act(applet, '#other', 'tap')
    assert.deepEqual((await dataOf(applet)).heard, [[2, 3, 1, 1], [1, 5]])
    await noErrors(host)
  }),
)

test(
  'f_m12_a_change_of_a_store_reaches_the_page_in_one_set_data',
  hosted(async (host) => {
    const applet = await start(host, STORE, {
      'store.js': `
        import { observable, action } from 'mobx-miniprogram'
        export const store = observable({
          numA: 1, numB: 2,
          get sum() { return this.numA + this.numB },
          update: action(function () { const { sum } = this; this.numA = this.numB; this.numB = sum })
        })`,
      'pages/main/main.wxml': '<view id="sum">{{sum}}</view><button id="next" bindtap="next"></button>',
      'pages/main/main.js': `
        import { storeBindingsBehavior } from 'mobx-miniprogram-bindings'
        import { store } from '../../store.js'
        Component({
          behaviors: [storeBindingsBehavior],
          storeBindings: {
            store,
            fields: { numA: () => store.numA, numB: (store) => store.numB, sum: 'sum' },
            actions: { next: 'update' }
          },
          lifetimes: {
            attached() {
              const { setData } = this
              this.setData = (data, done) => { ft.report({ set: data }); return setData.call(this, data, done) }
            }
          }
        })`,
    })
    assert.deepEqual(await dataOf(applet), { numA: 1, numB: 2, sum: 3 })
    await act(applet, '#next', 'tap')
    assert.deepEqual(await host.reported(), { set: { numA: 2, numB: 3, sum: 5 } })
    assert.deepEqual(await dataOf(applet), { numA: 2, numB: 3, sum: 5 })
    assert.equal(host.reports.length, 0)
    await noErrors(host)
  }),
)
