/** Says in a few words what a schema of the API's document allows, and makes an example of it. */

/** What is read of a schema of the document. */
export interface Schema {
  $ref?: string;
  type?: string | readonly string[];
  format?: string;
  description?: string;
  example?: unknown;
  default?: unknown;
  const?: unknown;
  enum?: readonly unknown[];
  anyOf?: readonly Schema[];
  allOf?: readonly Schema[];
  properties?: Readonly<Record<string, Schema>>;
  required?: readonly string[];
  items?: Schema;
  additionalProperties?: Schema | boolean;
}

/** A piece of an outline: text, or the name of a schema that stands elsewhere. */
export type Piece = string | { name: string };

/** The name that a reference ends with; undefined if `schema` is none. */
export function nameIn({ $ref }: { $ref?: string }): string | undefined {
  return $ref?.slice($ref.lastIndexOf("/") + 1);
}

/** Writes `schema` as TypeScript would, a field on each line. */
export function outline(schema: Schema, indent = ""): Piece[] {
  const name = nameIn(schema);
  if (name !== undefined) return [{ name }];
  if (schema.anyOf !== undefined) return joined(schema.anyOf, " | ", indent);
  if (schema.allOf !== undefined) return joined(schema.allOf, " & ", indent);
  if (schema.const !== undefined) return [JSON.stringify(schema.const)];
  const types = [schema.type ?? "any"].flat();
  const orNull = types.includes("null") ? " | null" : "";
  return [...outlineOf(schema, types, indent), orNull];
}

function outlineOf(schema: Schema, types: readonly string[], indent: string): Piece[] {
  const { enum: values, properties = {}, items, additionalProperties, format } = schema;
  if (values !== undefined) return [values.map((value) => JSON.stringify(value)).join(" | ")];
  if (items !== undefined) return ["Array<", ...outline(items, indent), ">"];
  if (Object.keys(properties).length > 0) return fieldsOf(schema, indent);
  if (typeof additionalProperties === "object") {
    return ["{ [name]: ", ...outline(additionalProperties, indent), " }"];
  }
  const kinds = types.filter((type) => type !== "null").map((type) => type === "object" ? "{}" : type);
  return [kinds.join(" | "), format === undefined ? "" : ` (${format})`];
}

function fieldsOf({ properties = {}, required = [] }: Schema, indent: string): Piece[] {
  const inner = `${indent}  `;
  const lines = Object.entries(properties).flatMap(([field, schema]): Piece[] => {
    const comment = schema.description === undefined ? "" : ` // ${schema.description}`;
    const optional = required.includes(field) ? "" : "?";
    return [`${inner}${field}${optional}: `, ...outline(schema, inner), `;${comment}\n`];
  });
  return ["{\n", ...lines, `${indent}}`];
}

function joined(parts: readonly Schema[], between: string, indent: string): Piece[] {
  return parts.flatMap((part, i) => i === 0 ? outline(part, indent) : [between, ...outline(part, indent)]);
}

/** A value that fits `schema`: what is required, or else one field, and no more. */
export function exampleOf(schema: Schema, schemas: Readonly<Record<string, Schema>>): unknown {
  const named = schemas[nameIn(schema) ?? ""];
  if (named !== undefined) return exampleOf(named, schemas);
  if (schema.example !== undefined) return schema.example;
  const [first] = schema.anyOf ?? schema.allOf ?? [];
  if (first !== undefined) return exampleOf(first, schemas);
  if (schema.const !== undefined) return schema.const;
  if (schema.enum !== undefined) return schema.enum[0];
  switch ([schema.type ?? "object"].flat()[0]) {
    case "object": {
      const { properties = {}, required = Object.keys(properties).slice(0, 1) } = schema;
      return Object.fromEntries(required.map((name) => [name, exampleOf(properties[name] ?? {}, schemas)]));
    }
    case "array":
      return schema.items === undefined ? [] : [exampleOf(schema.items, schemas)];
    case "string":
      return schema.format === "date-time" ? "2030-01-31T09:00:00Z" : "…";
    case "boolean":
      return true;
    default:
      return 1;
  }
}
