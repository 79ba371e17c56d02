// What WeChat's declarations say of the functions of `wx`: their options and what they succeed with.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { installed } from './program.mjs'

/** @typedef {{ name: string, required: boolean, type: string }} Part an option, or a member of what comes back */
/**
 * @typedef {object} Declared
 * @property {Part[]} options without the callbacks
 * @property {Part[]} answer what `success` is given
 * @property {Part[]} value what comes back at once
 * @property {'promise' | 'value' | 'no function'} gives
 */

const FILE = join(installed, 'miniprogram-api-typings/types/wx/lib.wx.api.d.ts')

/** The callbacks that every call takes. */
const CALLBACKS = ['success', 'fail', 'complete']

/** @type {Map<string, ts.InterfaceDeclaration>} */
const interfaces = new Map()
/** @type {Map<string, ts.TypeNode>} */
const aliases = new Map()
/** @param {ts.Node} node */
const collect = (node) => {
  if (ts.isInterfaceDeclaration(node)) interfaces.set(node.name.text, node)
  else if (ts.isTypeAliasDeclaration(node)) aliases.set(node.name.text, node.type)
  ts.forEachChild(node, collect)
}
collect(ts.createSourceFile(FILE, readFileSync(FILE, 'utf8'), ts.ScriptTarget.ESNext, true))

/** @param {ts.TypeNode | undefined} type @returns {string | undefined} */
const nameOf = (type) => (type !== undefined && ts.isTypeReferenceNode(type) ? type.typeName.getText() : undefined)

/** The kind of a type: `string`, `number`, `boolean`, `array`, `object`, or `any` when several will do.
 * @param {ts.TypeNode | undefined} type @returns {string} */
const kindOf = (type) => {
  if (type === undefined) return 'any'
  if (ts.isArrayTypeNode(type) || ts.isTupleTypeNode(type)) return 'array'
  if (ts.isTypeLiteralNode(type)) return 'object'
  if (ts.isUnionTypeNode(type)) {
    const kinds = [...new Set(type.types.map(kindOf))]
    return kinds.length === 1 ? kinds[0] : 'any'
  }
  if (ts.isLiteralTypeNode(type)) {
    if (ts.isStringLiteral(type.literal)) return 'string'
    return ts.isNumericLiteral(type.literal) ? 'number' : 'any'
  }
  const name = nameOf(type)
  if (name !== undefined) {
    if (aliases.has(name)) return kindOf(aliases.get(name))
    return interfaces.has(name) || name === 'IAnyObject' || name === 'Record' ? 'object' : 'any'
  }
  const text = type.getText()
  return ['string', 'number', 'boolean'].includes(text) ? text : 'any'
}

/** @param {string | undefined} name of an interface @returns {Part[]} */
const partsOf = (name) => {
  const declared = name === undefined ? undefined : interfaces.get(name)
  if (declared === undefined) return []
  const inherited = declared.heritageClauses?.flatMap(({ types }) => types.flatMap(({ expression }) => partsOf(expression.getText())))
  const properties = /** @type {ts.PropertySignature[]} */ (declared.members.filter((member) => ts.isPropertySignature(member)))
  const own = properties.map(({ name, questionToken, type }) => ({
    name: name.getText().replace(/^'|'$/g, ''),
    required: questionToken === undefined,
    type: kindOf(type),
  }))
  return [...inherited ?? [], ...own]
}

/** What a callback is given. @param {string | undefined} option the type of the options @returns {Part[]} */
const answerOf = (option) => {
  const members = option === undefined ? [] : interfaces.get(option)?.members ?? []
  const success = members.find((member) => member.name?.getText() === 'success')
  const callback = success !== undefined && ts.isPropertySignature(success) ? aliases.get(nameOf(success.type) ?? '') : undefined
  if (callback === undefined || !ts.isFunctionTypeNode(callback)) return []
  return partsOf(nameOf(callback.parameters[0]?.type))
}

/** @param {ts.MethodSignature} method */
const optionsOf = ({ parameters: [first], typeParameters }) => {
  const name = nameOf(first?.type)
  // `<T extends LoginOption>(option?: T)`
  const bound = typeParameters?.find((parameter) => parameter.name.text === name)
  return bound === undefined ? name : nameOf(bound.constraint)
}

/** Every member of `wx` as it is declared. @returns {Map<string, Declared>} */
export const declared = () => {
  const members = new Map()
  for (const member of interfaces.get('Wx')?.members ?? []) {
    const name = member.name?.getText() ?? ''
    if (!ts.isMethodSignature(member)) {
      members.set(name, { options: [], answer: [], value: [], gives: 'no function' })
      continue
    }
    const option = optionsOf(member)
    members.set(name, {
      options: option?.endsWith('Option') ? partsOf(option).filter((part) => !CALLBACKS.includes(part.name)) : [],
      answer: answerOf(option),
      value: partsOf(nameOf(member.type)),
      gives: /Promise|Promisify/.test(member.type?.getText() ?? '') ? 'promise' : 'value',
    })
  }
  return members
}
