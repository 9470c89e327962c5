// Writes what the caches must know of the schema: node generate.mjs <schema.graphql> <schema.ts>
import { readFileSync, writeFileSync } from 'node:fs';
import { buildSchema, getNamedType, getNullableType, isAbstractType, isListType, isObjectType, isScalarType, isSpecifiedScalarType } from 'graphql';

const [source, target] = process.argv.slice(2);
// How the gateway writes its scalars in JSON. A Decimal is text: a JavaScript number would round amounts of money.
// `_Any` is of federation: a running gateway has it in its schema, too.
const SCALARS = { Date: 'string', DateTime: 'string', Decimal: 'string', JSON: 'unknown', Long: 'number', _Any: 'unknown' };
const PAGE_ARGUMENTS = new Set(['first', 'after', 'last', 'before']);

const schema = buildSchema(readFileSync(source, 'utf8'));
const types = Object.values(schema.getTypeMap()).filter((type) => !type.name.startsWith('__'));
const objects = types.filter(isObjectType);
const fieldsOf = (type) => Object.values(type.getFields());
const implementers = (name) => new Set(schema.getPossibleTypes(schema.getType(name)));
const [nodes, connections] = [implementers('Node'), implementers('Connection')];

for (const { name } of types.filter((type) => isScalarType(type) && !isSpecifiedScalarType(type)))
  if (!(name in SCALARS)) throw new Error(`generate.mjs does not know how the scalar ${name} is written in JSON`);

const possibleTypes = Object.fromEntries(types.filter(isAbstractType).map((type) => [type.name, schema.getPossibleTypes(type).map(({ name }) => name)]));
const roots = new Set([schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()]);
const keyless = objects.filter((type) => !nodes.has(type) && !roots.has(type));
const partsOf = new Set([...nodes].flatMap(fieldsOf).map(({ type }) => getNullableType(type)).filter((type) => !isListType(type)).map(getNamedType));
const parts = keyless.filter((type) => partsOf.has(type) && !connections.has(type));
const lists = objects.map((type) => [
  type.name,
  Object.fromEntries(fieldsOf(type)
    .filter((field) => connections.has(getNamedType(field.type)))
    .map((field) => [field.name, field.args.map(({ name }) => name).filter((name) => !PAGE_ARGUMENTS.has(name))])),
]).filter(([, fields]) => Object.keys(fields).length > 0);
const problemFields = fieldsOf(schema.getType('Problem')).map(({ name }) => name);

const constant = (comment, name, value, type) => `/** ${comment} */\nexport const ${name}: ${type} = ${JSON.stringify(value, null, 2)};\n`;
const names = (list) => list.map(({ name }) => name);
writeFileSync(target, [
  '// Generated from the schema by generate.mjs.\n',
  constant('The types of each interface and union.', 'possibleTypes', possibleTypes, 'Record<string, string[]>'),
  constant('The object types that have no id.', 'keylessTypes', names(keyless), 'readonly string[]'),
  constant('The object types without an id that belong to one record, such as the party of a call.', 'partTypes', names(parts), 'readonly string[]'),
  constant('The fields that are lists, by their type, with the arguments that tell one list from another.', 'listFields', Object.fromEntries(lists), 'Record<string, Record<string, string[]>>'),
  constant('The fields of a problem.', 'problemFields', problemFields, 'readonly string[]'),
  `/** The TypeScript types of the scalars, for GraphQL Code Generator. */\nexport const scalars = ${JSON.stringify(SCALARS, null, 2)} as const;\n`,
  `/** The TypeScript types of the scalars, for gql.tada. */\nexport interface Scalars {\n${Object.entries(SCALARS).map(([name, type]) => `  ${name}: ${type};\n`).join('')}}\n`,
].join('\n'));
