// What the elements of a page and its components do by themselves, through the page functions of the host.

import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { hosted, within } from './support.mjs'

/**
 * Starts a mini-program with the page `main` and the component `part` beside it.
 * @param {import('./support.mjs').Host} host
 * @param {Record<string, string>} files
 */
const start = (host, files) => {
  const folder = host.write('demo', 'App({})')
  const all = {
    'app.json': '{ "pages": ["main"] }',
    'main.json': '{ "usingComponents": { "part": "part" } }',
    'part.json': '{ "component": true }',
    ...files,
  }
  for (const [path, text] of Object.entries(all)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  return within(host.client.startApplet({ appId: 'demo', offlineLibraryPath: folder }), 'the start of the mini-program')
}

test(
  'f_m12_a_form_finds_fields_without_a_node_and_those_put_into_components',
  hosted(async (host) => {
    const applet = await start(host, {
      'main.json': '{ "usingComponents": { "part": "part", "field": "field" } }',
      'main.js': 'Page({ sent({ detail }) { ft.report(detail.value) } })',
      'main.wxml': `<form bindsubmit="sent">
        <field name="a" value="1"/>
        <part><input name="b" value="2"/></part>
        <button id="send" form-type="submit"/>
      </form>`,
      'part.js': 'Component({})',
      'part.wxml': '<input name="own" value="no"/><slot/>',
      'field.json': '{ "component": true }',
      'field.js': `Component({ behaviors: ['wx://form-field'], options: { virtualHost: true } })`,
      'field.wxml': '<view/>',
    })
    assert.ok(await applet.pageEvent('#send', 'tap'))
    assert.deepEqual(await host.reported(), { a: '1', b: '2' })
  }),
)

test(
  'f_m12_a_label_ticks_its_box_without_a_second_tap',
  hosted(async (host) => {
    const applet = await start(host, {
      'main.js': `Page({ data: { taps: 0, ticked: [] },
        tapped() { this.setData({ taps: this.data.taps + 1 }) },
        changed({ detail }) { this.setData({ ticked: detail.value }) } })`,
      'main.wxml': `<checkbox-group bindchange="changed">
        <label id="label" bindtap="tapped"><checkbox value="x"/>X</label>
      </checkbox-group>`,
      'part.js': 'Component({})',
      'part.wxml': '',
    })
    assert.ok(await applet.pageEvent('#label', 'tap'))
    assert.deepEqual(await applet.pageData(), { taps: 1, ticked: ['x'] })
  }),
)

test(
  'f_m12_an_observer_that_sets_its_own_property_as_it_is_ends',
  hosted(async (host) => {
    await start(host, {
      'main.js': 'Page({})',
      'main.wxml': '<part list="{{[{ a: 1 }]}}"/>',
      'part.js': `let times = 0
        Component({
          properties: { list: { type: Array, observer() {
            times++
            this.data.list.forEach((item) => { item.b = 2 })
            this.setData({ list: this.data.list })
          } } },
          lifetimes: { ready() { ft.report({ times, list: this.data.list }) } }
        })`,
      'part.wxml': '<view>{{list[0].b}}</view>',
    })
    assert.deepEqual(await host.reported(), { times: 1, list: [{ a: 1, b: 2 }] })
  }),
)

test(
  'f_m12_a_property_may_be_named_as_a_member_of_the_framework',
  hosted(async (host) => {
    await start(host, {
      'main.js': 'Page({})',
      'main.wxml': '<part data="1" parent-node="2" class-list="3" is="4"/>',
      'part.js': `Component({
        properties: { data: String, parentNode: String, classList: String },
        lifetimes: { ready() { const { data, parentNode, classList } = this.data; ft.report({ data, parentNode, classList }) } }
      })`,
      'part.wxml': '<view/>',
    })
    assert.deepEqual(await host.reported(), { data: '1', parentNode: '2', classList: '3' })
  }),
)
