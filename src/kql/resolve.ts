import { PLACES } from './beside/places.ts';
import { SCALARS } from './beside/scalars/index.ts';
import { unsupported } from './diagnostics.ts';
import { expressionsOf, inputsOf } from './plan/copy.ts';
import { type Call, type Expression, holdsNull } from './plan/expression.ts';
import { readsOutside } from './plan/free-columns.ts';
import { mapExpressions, mapRelations } from './plan/map.ts';
import type { Aggregate, External, Field, Program, Project, Relation, Scan } from './plan/relation.ts';
import { counted, stageKey } from './plan/stage-key.ts';
import { computeConstant } from './resolve-constant.ts';
import type { Stage, StageAnswer, StageInput } from './stages.ts';

export interface ResolveContext {
  readonly answers: readonly StageAnswer[];
  /** A statement of its own. */
  readonly print: (relation: Relation) => StageInput['statement'];
}

export interface Resolved {
  readonly relation: Relation;
  /** Stages that can be run now; the relation is only whole once there are none. */
  readonly stages: readonly Stage[];
}

/**
 * Puts the answers of stages where the plan has programs, files outside and functions that the engine lacks. What has
 * no answer yet and depends on nothing unanswered becomes a stage.
 */
export function resolveStages(relation: Relation, nextId: () => number, context: ResolveContext): Resolved {
  if (!needsStages(relation)) return { relation, stages: [] };
  const stages = new Map<string, Stage>();
  const tables = new Map(
    context.answers.flatMap((answer) =>
      answer.kind === 'rows' ? [[answer.key, answer.table] as const] : [],
    ),
  );

  function ask(
    stage: Omit<Stage, 'inputs' | 'columns'>,
    inputs: readonly Relation[],
    fields: readonly Field[],
  ) {
    const table = tables.get(stage.key);
    if (table !== undefined) return table;
    if (inputs.some(readsOutside))
      throw unsupported(
        `\`${stage.construct}\` over rows of an outer query`,
        stage.place ?? { start: 0, length: 0 },
      );
    stages.set(stage.key, { ...stage, inputs: inputs.map(inputOf), columns: columnsOf(fields) });
    return undefined;
  }

  function inputOf(input: Relation): StageInput {
    return { statement: context.print(counted(input)), columns: columnsOf(input.fields) };
  }

  function resolve(node: Relation): Relation {
    if (inputsOf(node).some(needsStages)) return node;
    if (node.kind === 'program') return resolveProgram(node);
    if (node.kind === 'external') return resolveExternal(node);
    return resolveCalls(node);
  }

  function resolveProgram(node: Program): Relation {
    const key = stageKey(node.name, node.inputs, [
      node.options,
      columnsOf(node.fields).map(({ name, type }) => [name, type]),
    ]);
    const work = { kind: 'program', name: node.name, options: node.options } as const;
    const table = ask({ key, construct: node.name, place: node.place, work }, node.inputs, node.fields);
    return table === undefined ? node : scanOf(table, node.fields);
  }

  function resolveExternal(node: External): Relation {
    const { urls, format, options, fields, place } = node;
    const key = stageKey('externaldata', [{ ...node, place: { start: 0, length: 0 } }], null);
    const work = { kind: 'external', urls, format, options } as const;
    const table = ask({ key, construct: 'externaldata', place, work }, [], fields);
    return table === undefined ? node : scanOf(table, fields);
  }

  /** The calls of this relation's own expressions, innermost first, each in a table beside the relation's input. */
  function resolveCalls(given: Relation): Relation {
    let node = given;
    const done = new Map<Call, Expression>();
    for (;;) {
      const call = nextCall(node, done);
      if (call === undefined) return node;
      const replaced = resolveCall(node, call);
      if (replaced === undefined) done.set(call, call);
      else node = replaced;
    }
  }

  /** The relation with the call replaced; undefined where its stage is not answered. */
  function resolveCall(node: Relation, call: Call): Relation | undefined {
    const constant = computeConstant(call);
    if (constant) return replaceCall(node, call, constant);
    if (call.args.some(hasUnanswered)) return undefined;
    return call.args.some(readsColumns) ? besideRows(node, call) : besideNothing(node, call);
  }

  /** Arguments that are the same for every row: one row of their own. */
  function besideNothing(node: Relation, call: Call): Relation | undefined {
    const args = call.args.map(fieldFor);
    const rows: Relation = { kind: 'values', fields: args, rows: [call.args] };
    const table = askScalar(call, rows);
    if (table === undefined) return undefined;
    const scan = scanOf(table, [...args, fieldOf(call)]);
    const input = projectOf(scan, scan.fields.slice(args.length));
    return replaceCall(node, call, { kind: 'subquery', input, type: call.type });
  }

  /** Each distinct list of arguments is computed once; its result joins the rows again. */
  function besideRows(node: Relation, call: Call): Relation | undefined {
    const side = sideOf(node, call);
    const args = call.args.map(fieldFor);
    const fields = [...side.fields, ...args];
    const expressions = [...side.fields.map(refer), ...call.args];
    const input: Project = { kind: 'project', input: side, fields, expressions };
    const keys = args.map(refer);
    const found: Aggregate = { kind: 'aggregate', input, fields: args.map(renewed), keys, aggregates: [] };
    const table = askScalar(call, found);
    if (table === undefined) return undefined;
    const result = fieldOf(call);
    const scan = scanOf(table, [...args.map(renewed), result]);
    const joined: Relation = {
      kind: 'join',
      join: 'left',
      left: input,
      right: scan,
      on: args.map((arg, i) => ({ left: refer(arg), right: refer(scan.fields[i] as Field) })),
      fields: [...input.fields, ...scan.fields],
      keepsOrder: true,
    };
    const next = projectOf(joined, [...side.fields, result]);
    return replaceCall(withSide(node, side, next), call, refer(result));
  }

  function askScalar(call: Call, input: Relation): string | undefined {
    const key = stageKey(call.name, [input], call.type);
    const work = { kind: 'scalar', name: call.name, result: call.type } as const;
    return ask(
      { key, construct: call.name, place: undefined, work },
      [input],
      [...input.fields, fieldOf(call)],
    );
  }

  function fieldFor(expression: Expression, i: number): Field {
    return { id: nextId(), name: `a${i}`, type: expression.type, nullable: holdsNull(expression.type, true) };
  }

  function fieldOf(call: Call): Field {
    return { id: nextId(), name: call.name, type: call.type, nullable: holdsNull(call.type, true) };
  }

  function renewed(field: Field): Field {
    return { ...field, id: nextId() };
  }

  const resolved = mapRelations(relation, resolve);
  return { relation: resolved, stages: [...stages.values()] };
}

function columnsOf(fields: readonly Field[]): Stage['columns'] {
  return fields.map(({ name, type }) => ({ name, type }));
}

function refer(field: Field): Expression {
  return { kind: 'column', id: field.id, type: field.type, nullable: field.nullable };
}

/** The answer's rows, under the fields that the plan knows. */
function scanOf(table: string, fields: readonly Field[]): Scan {
  const columns = fields.map((field, i) => ({ ...field, column: `stage_${i}`, indexes: [] }));
  return { kind: 'scan', table, stored: true, isReference: true, fields: columns };
}

function projectOf(input: Relation, fields: readonly Field[]): Project {
  return { kind: 'project', input, fields, expressions: fields.map(refer) };
}

function isBeside(expression: Expression): boolean {
  if (expression.kind !== 'call') return false;
  return Object.hasOwn(SCALARS, expression.name) || expression.name === PLACES;
}

/** An innermost call that was not looked at yet. */
function nextCall(node: Relation, done: ReadonlyMap<Call, Expression>): Call | undefined {
  const find = (expression: Expression): Call | undefined => {
    if (expression.kind !== 'call') return undefined;
    for (const arg of expression.args) {
      const inner = find(arg);
      if (inner) return inner;
    }
    const waiting = isBeside(expression) && !done.has(expression);
    return waiting && !expression.args.some(hasUnanswered) ? expression : undefined;
  };
  for (const expression of expressionsOf(node)) {
    const found = find(expression);
    if (found) return found;
  }
  return undefined;
}

function replaceCall(node: Relation, call: Call, by: Expression): Relation {
  const visit = (expression: Expression): Expression => {
    if (expression === call) return by;
    return expression.kind === 'call' ? { ...expression, args: expression.args.map(visit) } : expression;
  };
  return mapExpressions(node, visit);
}

/** The input whose row the call reads: of a join one of two. */
function sideOf(node: Relation, call: Call): Relation {
  const read = new Set<number>();
  const visit = (expression: Expression): void => {
    if (expression.kind === 'column') read.add(expression.id);
    if (expression.kind === 'call') expression.args.forEach(visit);
  };
  visit(call);
  const side = inputsOf(node).find((input) => input.fields.some((field) => read.has(field.id)));
  if (side === undefined)
    throw new Error(`\`${call.name}\` reads columns that no input of a ${node.kind} has`);
  return side;
}

function withSide(node: Relation, side: Relation, next: Relation): Relation {
  switch (node.kind) {
    case 'join':
      return node.left === side ? { ...node, left: next } : { ...node, right: next };
    case 'window':
    case 'expand':
      return {
        ...node,
        input: next,
        fields: [...next.fields, ...node.fields.slice(node.input.fields.length)],
      };
    case 'scan':
    case 'values':
    case 'sequence':
    case 'union':
    case 'program':
    case 'external':
      throw new Error(`a ${node.kind} reads no row`);
    default:
      return { ...node, input: next };
  }
}

function readsColumns(expression: Expression): boolean {
  if (expression.kind === 'column') return true;
  return expression.kind === 'call' && expression.args.some(readsColumns);
}

function hasUnanswered(expression: Expression): boolean {
  if (expression.kind === 'subquery') return needsStages(expression.input);
  if (expression.kind !== 'call') return false;
  return isBeside(expression) || expression.args.some(hasUnanswered);
}

function needsStages(relation: Relation): boolean {
  if (relation.kind === 'program' || relation.kind === 'external') return true;
  return expressionsOf(relation).some(hasUnanswered) || inputsOf(relation).some(needsStages);
}
