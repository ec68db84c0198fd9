// Reads an array of Kubernetes' objects as JSON, and says what is wrong with them, a line for each fault: by the schemas of the API's
// own description (kubernetes-models), and by the fields that its types have, which schemas do not bound.
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL, fileURLToPath } from "node:url";

const modules = join(dirname(fileURLToPath(import.meta.url)), "node_modules");
const packages = {
  "monitoring.coreos.com": "@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1",
  "cert-manager.io": "@kubernetes-models/cert-manager/cert-manager.io/v1",
};

const files = new Map();
const word = /"(?:[^"\\]|\\.)*"|[A-Za-z_$][\w$]*|\S/g;

// What a file of types declares, and whence it has the rest.
function read(path) {
  if (files.has(path)) return files.get(path);
  const text = readFileSync(path, "utf8").replace(/\/\*[\s\S]*?\*\//g, "").replace(/\/\/.*$/gm, "");
  const file = { path, imports: new Map(), types: new Map() };
  files.set(path, file);
  for (const [, names, from] of text.matchAll(/import \{([^}]*)\} from "([^"]+)"/g))
    for (const name of names.split(",")) file.imports.set(name.trim(), from);
  for (const [, names] of text.matchAll(/export type \{([^}]*)\}/g))
    for (const [, own, other] of names.matchAll(/(\w+) as (\w+)/g)) file.types.set(other, { name: own });
  const words = text.replace(/import \{[^}]*\} from "[^"]+";/g, "").match(word) ?? [];
  let at = 0;
  const is = one => words[at] === one && ++at > 0;
  const parsers = {
    type() {
      is("|");
      const all = [parsers.one()];
      while (is("|")) all.push(parsers.one());
      return all.length === 1 ? all[0] : { any: all };
    },
    one() {
      let type;
      if (is("(")) {
        type = parsers.type();
        is(")");
      } else if (is("{")) type = parsers.members();
      else {
        const name = words[at++];
        const inner = [];
        if (is("<")) {
          do inner.push(parsers.type()); while (is(","));
          is(">");
        }
        type = name === "Array" ? { list: inner[0] } : { name };
      }
      while (words[at] === "[" && words[at + 1] === "]") {
        at += 2;
        type = { list: type };
      }
      return type;
    },
    members() {
      const fields = new Map();
      let rest = null;
      while (!is("}")) {
        is("readonly");
        const key = words[at++];
        if (key === "[") {
          while (words[at] !== "]") at++;
          at += 2;
          rest = parsers.type();
        } else {
          is("?");
          at++;
          fields.set(key.replaceAll('"', ""), parsers.type());
        }
        is(";");
        is(",");
      }
      return { fields, rest };
    },
  };
  while (at < words.length) {
    const kind = words[at++];
    if (kind !== "interface" && kind !== "type") continue;
    const name = words[at++];
    if (kind === "interface") {
      const parents = [];
      while (!is("{")) {
        const parent = words[at++];
        if (parent !== "extends" && parent !== "," && parent !== "TypeMeta") parents.push({ name: parent });
      }
      file.types.set(name, { ...parsers.members(), parents });
    } else if (is("=")) file.types.set(name, parsers.type());
  }
  return file;
}

// What TypeScript itself has, and what bears no fields of its own.
const plain = new Set(["string", "number", "boolean", "unknown", "any", "object", "null", "undefined"]);

function find(name, file) {
  if (plain.has(name) || name.startsWith('"') || /^\d/.test(name)) return [null, file];
  const own = file.types.get(name);
  if (own) return [own, file];
  const from = file.imports.get(name);
  if (!from) throw new Error(`${file.path} does not say what ${name} is`);
  const path = from.startsWith(".") ? join(dirname(file.path), from.replace(/\.js$/, ".d.ts")) : join(modules, `${from}.d.ts`);
  return find(name, read(path));
}

// Fields that a type does not have.
function unknown(value, type, file, path) {
  if (type.any) {
    const all = type.any.map(one => unknown(value, one, file, path));
    return all.some(one => one.length === 0) ? [] : all[0];
  }
  if (type.name) {
    const [found, where] = find(type.name, file);
    return found ? unknown(value, found, where, path) : [];
  }
  if (type.list) return Array.isArray(value) ? value.flatMap((one, i) => unknown(one, type.list, file, `${path}/${i}`)) : [];
  if (value === null || typeof value !== "object" || Array.isArray(value)) return [];
  return Object.entries(value).flatMap(([key, one]) => {
    const [inner, where] = field(key, type, file);
    return inner ? unknown(one, inner, where, `${path}/${key}`) : [`${path}/${key}: there is no such field`];
  });
}

// The type of a field, of its own or of a parent.
function field(key, type, file) {
  if (type.any) return type.any.map(one => field(key, one, file)).find(([found]) => found) ?? [null, file];
  if (type.name) {
    const [found, where] = find(type.name, file);
    return found ? field(key, found, where) : [null, file];
  }
  const own = type.fields?.get(key) ?? type.rest;
  return own ? [own, file] : (type.parents ?? []).map(one => field(key, one, file)).find(([found]) => found) ?? [null, file];
}

const faults = [];
const objects = JSON.parse(readFileSync(0, "utf8"));
for (const object of objects) {
  const [group, version] = object.apiVersion.includes("/") ? object.apiVersion.split("/") : ["", object.apiVersion];
  const folder = packages[group] ?? `kubernetes-models/${group ? `${group}/` : ""}${version}`;
  const path = join(modules, folder, object.kind);
  const name = `${object.kind} ${object.metadata?.name}`;
  try {
    const Model = (await import(pathToFileURL(`${path}.js`)))[object.kind];
    new Model(object).validate();
  } catch (error) {
    faults.push(`${name}: ${error.message}`);
    continue;
  }
  const file = read(`${path}.d.ts`);
  faults.push(...unknown(object, { name: `I${object.kind}` }, file, name));
}
for (const fault of faults) console.log(fault);
console.log(`${objects.length} objects, ${faults.length} faults`);
process.exitCode = faults.length > 0 ? 1 : 0;
