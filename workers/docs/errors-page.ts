// GET /docs/errors: every code with its status and what it means. `type` of a problem links here.

import { html } from "hono/html";
import { ERROR_STATUS, type ErrorCode } from "../../sdk/src/protocol/errors.ts";
import { PROBLEM_TITLE } from "../http.ts";
import { ERROR_GUIDE } from "./error-guide.ts";
import { inline, page, prose, type Page } from "./page.ts";

export const ERRORS_INTRODUCTION =
  "Every refusal has a code from this list, and the list only grows. On `/v1` it comes as `application/problem+json` (RFC 9457) with `type`, `title`, `status`, `detail`, `code`, `requestId` and, for bad input, `errors[]`. On `/api` it comes as `error` and `code`. Switch on the code; the words may change.";

const codes = Object.entries(ERROR_STATUS) as [ErrorCode, number][];

export const errorsPage = (): Promise<Page> =>
  page({
    title: "Errors",
    nav: html`
      <ul>
        <li><a href="/docs">API reference</a></li>
      </ul>
      <ul>
        ${codes.map(([code]) => html`<li><a href="#${code}">${code}</a></li>`)}
      </ul>
    `,
    content: html`
      ${prose(ERRORS_INTRODUCTION)}
      ${codes.map(([code, status]) => {
        const { happened, tokens, next } = ERROR_GUIDE[code];
        return html`
          <article aria-labelledby="${code}">
            <h2 id="${code}">${code}</h2>
            <p class="quiet">${status} ${PROBLEM_TITLE[status] ?? ""}</p>
            <dl>
              <dt>What happened</dt>
              <dd>${inline(happened)}</dd>
              <dt>Your tokens</dt>
              <dd>${inline(tokens)}</dd>
              <dt>What to do</dt>
              <dd>${inline(next)}</dd>
            </dl>
          </article>
        `;
      })}
    `,
  });
