// Finds uses of SDK members that the oldest supported system does not have. The declarations also hold newer members,
// and neither the checker nor the linter looks at their `@since` marks: such a call would crash the app there.

import { resolve, sep } from 'node:path'
import ts from 'ohos-typescript'
import { sdk } from './grammar.mjs'

/** The API level of HarmonyOS 5.0.0, the oldest that the SDK supports. */
export const oldestLevel = 12

/**
 * The names in a file that mean something newer than the oldest level.
 * @param {ts.Program} program
 * @param {ts.SourceFile} source
 * @returns {{ node: ts.Node, text: string }[]}
 */
export function tooNewMembers(program, source) {
  const checker = program.getTypeChecker()
  /** @type {{ node: ts.Node, text: string }[]} */
  const found = []
  const visit = (/** @type {ts.Node} */ node) => {
    if (ts.isIdentifier(node)) {
      const level = levelOfName(checker, node)
      if (level > oldestLevel) {
        found.push({ node, text: `'${node.text}' is there since API ${level}; the oldest supported is ${oldestLevel}` })
      }
    }
    ts.forEachChild(node, visit)
  }
  visit(source)
  return found
}

/**
 * @param {ts.TypeChecker} checker
 * @param {ts.Identifier} name
 */
function levelOfName(checker, name) {
  const declarations = declarationsOf(checker, name).filter((declaration) => isOfSdk(declaration.getSourceFile()))
  // Something declared more than once (an overload, a merged interface) is there as soon as one of them is.
  return declarations.length === 0 ? 0 : Math.min(...declarations.map(levelOf))
}

/**
 * @param {ts.TypeChecker} checker
 * @param {ts.Identifier} name
 * @returns {readonly ts.Declaration[]}
 */
function declarationsOf(checker, name) {
  // A call means one of the overloads, and they differ in age.
  const call = callOf(name)
  const called = call && checker.getResolvedSignature(call)?.declaration
  if (called && !ts.isJSDocSignature(called)) return [called]
  // A member of an object literal is a symbol of its own; what it fills is known from the context.
  if (ts.isPropertyAssignment(name.parent) && name.parent.name === name) {
    return checker.getContextualType(name.parent.parent)?.getProperty(name.text)?.declarations ?? []
  }
  const symbol = checker.getSymbolAtLocation(name)
  if (!symbol) return []
  const meant = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol
  return meant.declarations ?? []
}

/**
 * The call whose callee ends in `name`.
 * @param {ts.Identifier} name
 * @returns {ts.CallLikeExpression | undefined}
 */
function callOf(name) {
  const { parent } = name
  const callee = ts.isPropertyAccessExpression(parent) && parent.name === name ? parent : name
  const around = callee.parent
  return (ts.isCallExpression(around) || ts.isNewExpression(around)) && around.expression === callee
    ? around
    : undefined
}

/**
 * The level that a declaration names, or else the thing it stands in.
 * @param {ts.Node} declaration
 */
function levelOf(declaration) {
  /** @type {ts.Node} */
  let node = declaration
  while (!ts.isSourceFile(node)) {
    const levels = sinceMarks(node)
    // Of several comment blocks each tells of one change; the first change brought the member.
    if (levels.length > 0) return Math.min(...levels)
    node = node.parent
  }
  return 0
}

/** @param {ts.Node} node */
function sinceMarks(node) {
  const text = node.getSourceFile().text
  const comments = ts.getLeadingCommentRanges(text, node.getFullStart()) ?? []
  return comments
    .flatMap(({ pos, end }) => [...text.slice(pos, end).matchAll(/@since\s+(\d+)/g)])
    .map((match) => Number(match[1]))
}

/** @param {ts.SourceFile} source */
function isOfSdk(source) {
  return resolve(source.fileName).startsWith(sdk + sep)
}
