// Validates JSON-LD graphs against SHACL shapes, SPARQL constraints included, offline.
// node validate.mjs SHAPES.ttl… -- GRAPH.jsonld…
// Prints for each graph its name, a tab, and "conforms" or the violations.
import fs from 'node:fs'
import jsonld from 'jsonld'
import { Parser } from 'n3'
import rdf from 'rdf-ext'
import { Validator } from 'shacl-engine'
import { validations } from 'shacl-engine/sparql.js' // without it sh:sparql is passed over in silence

const at = process.argv.indexOf('--')
const turtle = process.argv.slice(2, at).flatMap(f => new Parser({ factory: rdf }).parse(fs.readFileSync(f, 'utf8')))
const shapes = rdf.dataset(turtle)
const below = turtle.filter(q => q.predicate.value === 'http://www.w3.org/2000/01/rdf-schema#subClassOf')
const validator = new Validator(shapes, { factory: rdf, validations })
const offline = { documentLoader: url => { throw new Error('nothing is fetched: ' + url) } }

for (const file of process.argv.slice(at + 1)) {
  const quads = await jsonld.toRDF(JSON.parse(fs.readFileSync(file, 'utf8')), { format: 'application/n-quads', ...offline })
  const data = rdf.dataset([...new Parser({ format: 'N-Quads', factory: rdf }).parse(quads), ...below])
  const report = await validator.validate({ dataset: data })
  const said = report.results.map(r => [
    r.severity?.value.replace(/.*#/, ''), r.focusNode?.value ?? r.focusNode?.term?.value, r.path?.[0]?.predicates?.[0]?.value,
    r.constraintComponent?.value?.replace(/.*#/, ''), r.message?.[0]?.value].join(' '))
  console.log(file + '\t' + (report.conforms && !said.length ? 'conforms' : said.join(' | ').replace(/\s+/g, ' ') || 'does not conform'))
}
