// GET /docs: the reference, written out of the OpenAPI document. One section a tag, one article an operation, one table a
// schema.

import { html } from "hono/html";
import { bodySchema, curlOf } from "./curl.ts";
import { operationsOf, type ApiDocument, type DescribedOperation } from "./document.ts";
import { inline, page, prose, type Html, type Page } from "./page.ts";
import { PUBLIC_DOCS } from "./public-docs.ts";
import { fieldsOf, refName, resolve, typeText, type Field, type JsonSchema } from "./schema-text.ts";

export function referencePage(document: ApiDocument): Promise<Page> {
  const operations = operationsOf(document);
  const tags = (document.tags ?? []).map(({ name, description = "" }) => ({
    name,
    description,
    operations: operations.filter(({ operation }) => operation.tags?.includes(name)),
  }));
  const schemas = Object.entries(document.components?.schemas ?? {}) as [string, JsonSchema][];
  return page({
    title: "API reference",
    nav: html`
      <ul>
        <li><a href="/docs/openapi.yaml">OpenAPI (YAML)</a></li>
        <li><a href="/docs/openapi.json">OpenAPI (JSON)</a></li>
        <li><a href="/docs/errors">Errors</a></li>
        <li><a href="#schemas">Schemas</a></li>
      </ul>
      <a class="tag" href="/llms.txt">Guides</a>
      <ul class="operations">
        ${Object.entries(PUBLIC_DOCS).map(([name, title]) => html`<li><a href="/docs/${name}.md">${inline(title)}</a></li>`)}
      </ul>
      ${tags.map(
        (tag) => html`
          <a class="tag" href="#${anchor(tag.name)}">${tag.name}</a>
          <ul class="operations">
            ${tag.operations.map(
              ({ operation }) => html`<li><a href="#${operation.operationId}">${operation.summary}</a></li>`,
            )}
          </ul>
        `,
      )}
    `,
    content: html`
      ${prose(document.info.description ?? "")}
      ${tags.map(
        (tag) => html`
          <section aria-labelledby="${anchor(tag.name)}">
            <h2 id="${anchor(tag.name)}">${tag.name}</h2>
            ${prose(tag.description)} ${tag.operations.map((described) => article(document, described))}
          </section>
        `,
      )}
      <section aria-labelledby="schemas">
        <h2 id="schemas">Schemas</h2>
        ${schemas.map(([name, schema]) => schemaArticle(name, schema))}
      </section>
    `,
  });
}

const anchor = (name: string): string => `tag-${name.toLowerCase().replaceAll(" ", "-")}`;
const schemaAnchor = (name: string): string => `schema-${name}`;

function article(document: ApiDocument, described: DescribedOperation): Html {
  const { method, path, operation } = described;
  const body = bodySchema(operation);
  const parameters = (operation.parameters ?? []).flatMap((one) => ("name" in one ? [one] : []));
  return html`
    <article aria-labelledby="${operation.operationId}">
      <h3 id="${operation.operationId}">${operation.summary}</h3>
      <p class="call"><code class="method">${method.toUpperCase()}</code> <code>${path}</code></p>
      ${prose(operation.description ?? "")}
      <p class="quiet">${callers(operation)}</p>
      ${
        parameters.length === 0
          ? ""
          : html`<h4>Parameters</h4>
              ${table(
                "Parameters",
                parameters.map((one) => ({
                  name: one.in === "header" || one.in === "query" ? `${one.name} (${one.in})` : one.name,
                  isRequired: one.required === true,
                  schema: { description: one.description, ...(one.schema as JsonSchema) },
                })),
              )}`
      }
      ${
        body === null
          ? ""
          : html`<h4>Body ${refName(body) === null ? "" : typeLink(body)}</h4>
              ${fieldsTable(resolve(document, body), "Body")}`
      }
      <h4>Answers</h4>
      ${answers(operation)}
      <h4>Try it</h4>
      <pre
        tabindex="0"
        role="group"
        aria-label="curl for ${operation.summary}"
      ><code>${curlOf(document, described)}</code></pre>
    </article>
  `;
}

interface ResponseText {
  description: string;
  content?: Record<string, { schema?: JsonSchema }>;
}

/** Good answers in full; refusals in one line, because all have one shape. */
function answers(operation: DescribedOperation["operation"]): Html {
  const all = Object.entries(operation.responses as Record<string, ResponseText>);
  const good = all.filter(([status]) => status < "4");
  const refusals = all.filter(([status]) => /^[45]\d\d$/.test(status));
  const shape = refName(Object.values(all.at(-1)?.[1].content ?? {})[0]?.schema ?? {}) ?? "Problem";
  return html`
    ${good.map(([status, response]) => {
      const schema = Object.values(response.content ?? {})[0]?.schema;
      const isTable = schema?.properties !== undefined;
      return html`<p>
          <strong>${status}</strong> ${inline(response.description)} ${schema && !isTable ? typeLink(schema) : ""}
        </p>
        ${schema && isTable ? fieldsTable(schema, "Answer") : ""}`;
    })}
    ${
      refusals.length === 0
        ? ""
        : html`<p class="quiet">
            Refusals:
            ${refusals.map(([status, { description }]) => `${status} ${description.toLowerCase()}`).join(", ")}; each a
            ${typeLink({ $ref: `#/components/schemas/${shape}` })}.
          </p>`
    }
  `;
}

function callers(operation: DescribedOperation["operation"]): string {
  const WHO: Record<string, string> = {
    accessToken: "a signed-in person",
    apiKey: "an app's server (API key)",
    launch: "the launch token",
    sessionToken: "the app's page (session token)",
    refreshCookie: "our own pages (refresh cookie)",
  };
  const names = (operation.security ?? []).flatMap((entry) => Object.keys(entry)).map((name) => WHO[name] ?? name);
  const isOpen = names.length === 0 || (operation.security ?? []).some((entry) => Object.keys(entry).length === 0);
  if (names.length === 0) return "For anyone.";
  return `For ${names.join(" or ")}${isOpen ? ", or anyone" : ""}.`;
}

function fieldsTable(schema: JsonSchema, label: string): Html {
  return schema.properties ? table(label, fieldsOf(schema)) : html`<p>${typeLink(schema)}</p>`;
}

function typeLink(schema: JsonSchema): Html {
  const name = refName(schema) ?? refName(schema.items ?? {});
  const text = typeText(schema);
  return name === null ? html`<code>${text}</code>` : html`<a href="#${schemaAnchor(name)}"><code>${text}</code></a>`;
}

function table(label: string, fields: Field[]): Html {
  return html`
    <div class="scroll" tabindex="0" role="group" aria-label="${label}">
      <table>
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Type</th>
            <th scope="col">Meaning</th>
          </tr>
        </thead>
        <tbody>
          ${fields.map(
            ({ name, schema, isRequired }) => html`
              <tr>
                <td><code>${name}</code></td>
                <td>${typeLink(schema)}${isRequired ? "" : html` <span class="quiet">optional</span>`}</td>
                <td>${inline(schema.description ?? "")}</td>
              </tr>
            `,
          )}
        </tbody>
      </table>
    </div>
  `;
}

function schemaArticle(name: string, schema: JsonSchema): Html {
  const choice = schema.oneOf ?? schema.anyOf;
  return html`
    <article aria-labelledby="${schemaAnchor(name)}">
      <h3 id="${schemaAnchor(name)}">${name}</h3>
      ${prose(schema.description ?? "")}
      ${
        choice
          ? choice.map((one, index) => {
              const title = one.title ?? refName(one) ?? `Form ${index + 1}`;
              return html`<h4>${title}</h4>
                ${one.properties ? table(`${name}, ${title}`, fieldsOf(one)) : html`<p>${typeLink(one)}</p>`}`;
            })
          : fieldsOf(schema).length > 0
            ? table(name, fieldsOf(schema))
            : html`<p>${typeLink(schema)}</p>`
      }
    </article>
  `;
}
