// The component libraries that mini-programs are built with: all their components, and forms made of them.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hosted } from '../node/support.mjs'
import { PATIENT, act, attachAll, componentsOf, dataOf, noErrors, start } from './program.mjs'

test(
  'f_m12_every_component_of_tdesign_is_defined_and_attached',
  hosted(async (host) => {
    const components = componentsOf('tdesign-miniprogram', 'miniprogram_dist', 't')
    assert.equal(Object.keys(components).length, 105)
    // It looks into its content as soon as it is attached.
    const attributes = { 't-chat-content-chat-content': `content="{{ {type: 'text', data: 'x'} }}"` }
    await attachAll(host, 'tdesign-miniprogram', components, { attributes })
  }, PATIENT),
)

test(
  'f_m12_every_component_of_vant_is_defined_and_attached',
  hosted(async (host) => {
    const components = componentsOf('@vant/weapp', 'lib', 'van')
    assert.equal(Object.keys(components).length, 71)
    await attachAll(host, '@vant/weapp', components)
  }, PATIENT),
)

const TDESIGN = ['input', 'textarea', 'switch', 'checkbox', 'checkbox-group', 'radio', 'radio-group', 'stepper', 'button']

test(
  'f_m12_a_form_of_tdesign_controls_is_filled_in_and_submitted',
  hosted(async (host) => {
    const usingComponents = Object.fromEntries(
      TDESIGN.map((name) => [`t-${name}`, `tdesign-miniprogram/${name}/${name}`]),
    )
    const applet = await start(host, ['tdesign-miniprogram'], {
      'pages/main/main.json': JSON.stringify({ usingComponents }),
      'pages/main/main.wxml': `
        <form id="form" bindsubmit="submit">
          <t-input name="name" value="{{name}}" data-field="name" bind:change="keep"></t-input>
          <t-textarea name="note" value="{{note}}" data-field="note" bind:change="keep"></t-textarea>
          <t-switch name="news" value="{{news}}" data-field="news" bind:change="keep"></t-switch>
          <t-checkbox-group name="fruit" value="{{fruit}}" data-field="fruit" bind:change="keep">
            <t-checkbox value="apple" label="Apple"></t-checkbox>
            <view id="pear"><t-checkbox value="pear" label="Pear"></t-checkbox></view>
          </t-checkbox-group>
          <t-radio-group name="size" value="{{size}}" data-field="size" bind:change="keep">
            <t-radio value="small" label="Small"></t-radio>
            <view id="large"><t-radio value="large" label="Large"></t-radio></view>
          </t-radio-group>
          <t-stepper name="count" value="{{count}}" data-field="count" bind:change="keep"></t-stepper>
          <t-button type="submit">Send</t-button>
        </form>`,
      'pages/main/main.js': `Page({
        data: { name: '', note: '', news: false, fruit: [], size: 'small', count: 1 },
        keep({ currentTarget, detail }) {
          const value = detail.value === undefined ? detail.checked : detail.value
          this.setData({ [currentTarget.dataset.field]: value })
        },
        submit({ detail }) { ft.report(detail.value) }
      })`,
    })
    await act(applet, 'form >>> .t-input__control', 'input', { value: 'Li', cursor: 2 })
    await act(applet, 'form >>> textarea', 'input', { value: 'soon', cursor: 4 })
    await act(applet, 'form >>> .t-switch', 'tap')
    await act(applet, '#pear >>> .t-checkbox', 'tap')
    await act(applet, '#large >>> .t-radio', 'tap')
    await act(applet, 'form >>> .t-stepper__plus', 'tap')
    const filled = { name: 'Li', note: 'soon', news: true, fruit: ['pear'], size: 'large', count: 2 }
    assert.deepEqual(await dataOf(applet), filled)
    await act(applet, 'form >>> button', 'tap')
    // The stepper is no field of a form.
    const { count, ...submitted } = filled
    assert.deepEqual(await host.reported(), submitted)
    await noErrors(host)
  }, PATIENT),
)

test(
  'f_m12_vant_fields_and_checkboxes_change_the_page',
  hosted(async (host) => {
    const usingComponents = { 'van-field': '@vant/weapp/field/index', 'van-checkbox': '@vant/weapp/checkbox/index' }
    const applet = await start(host, ['@vant/weapp'], {
      'pages/main/main.json': JSON.stringify({ usingComponents }),
      'pages/main/main.wxml': `
        <van-field id="name" model:value="{{name}}" label="Name" bind:change="typed"></van-field>
        <van-checkbox id="agreed" value="{{agreed}}" bind:change="agree">I agree</van-checkbox>`,
      'pages/main/main.js': `Page({
        data: { name: '', agreed: false, typed: [] },
        typed({ detail }) { this.setData({ typed: [...this.data.typed, detail] }) },
        agree({ detail }) { this.setData({ agreed: detail }) }
      })`,
    })
    await act(applet, '#name >>> input', 'input', { value: 'Wang' })
    await act(applet, '#agreed >>> .van-checkbox__icon-wrap', 'tap')
    assert.deepEqual(await dataOf(applet), { name: 'Wang', agreed: true, typed: ['Wang'] })
    await noErrors(host)
  }, PATIENT),
)

test(
  'f_m12_every_component_of_weui_is_defined_and_attached',
  hosted(async (host) => {
    const components = componentsOf('weui-miniprogram', 'miniprogram_dist', 'mp')
    assert.equal(Object.keys(components).length, 22)
    // For another renderer.
    const apart = ['mp-slideview-slideview-skyline']
    await attachAll(host, 'weui-miniprogram', components, { apart })
  }, PATIENT),
)

test(
  'f_m12_weui_boxes_and_rules_of_a_form_change_the_page',
  hosted(async (host) => {
    const names = ['form', 'cells', 'cell', 'checkbox', 'checkbox-group']
    const usingComponents = Object.fromEntries(names.map((name) => [`mp-${name}`, `weui-miniprogram/${name}/${name}`]))
    const applet = await start(host, ['weui-miniprogram'], {
      'pages/main/main.json': JSON.stringify({ usingComponents }),
      'pages/main/main.wxml': `
        <mp-form id="form" rules="{{rules}}" models="{{model}}">
          <mp-checkbox-group prop="fruit" multi="{{true}}" bindchange="pick">
            <mp-checkbox id="apple" label="Apple" value="apple"></mp-checkbox>
            <mp-checkbox id="pear" label="Pear" value="pear"></mp-checkbox>
          </mp-checkbox-group>
        </mp-form>
        <button id="send" bindtap="send"></button>`,
      'pages/main/main.js': `Page({
        data: { model: { fruit: '' }, rules: [{ name: 'fruit', rules: { required: true, message: 'pick one' } }] },
        pick({ detail }) { this.setData({ 'model.fruit': detail.value }) },
        send() { this.selectComponent('#form').validate((valid, errors) => ft.report({ valid, errors })) }
      })`,
    })
    await act(applet, '#send', 'tap')
    const { valid, errors } = await host.reported()
    assert.deepEqual([valid, errors.map((/** @type {any} */ error) => error.message)], [false, ['pick one']])
    await act(applet, '#pear >>> label', 'tap')
    assert.deepEqual((await dataOf(applet)).model, { fruit: ['pear'] })
    await act(applet, '#send', 'tap')
    assert.equal((await host.reported()).valid, true)
    await noErrors(host)
  }, PATIENT),
)
