// Lists the routes of /openapi.json and lets one try them. No library, no other server.
"use strict";
let token = "";

const make = (tag, text, attributes = {}) => {
  const element = document.createElement(tag);
  if (text !== undefined) element.textContent = text;
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
};
const pretty = (value) => (typeof value === "string" ? value : JSON.stringify(value, null, 2));
const resolve = (api, schema) =>
  schema && schema.$ref ? schema.$ref.slice(2).split("/").reduce((at, key) => at[key], api) : schema;

async function send(method, path, body, type) {
  const headers = { "Accept-Language": document.getElementById("language").value };
  if (token) headers.Authorization = `Bearer ${token}`;
  if (body !== undefined) headers["Content-Type"] = type;
  const answer = await fetch(path, { method, headers, body, credentials: "omit" });
  let text = await answer.text();
  if ((answer.headers.get("content-type") || "").includes("json")) text = pretty(JSON.parse(text));
  return { status: answer.status, text: text.slice(0, 200000) };
}

function route(api, method, path, operation) {
  const details = make("details");
  const summary = make("summary");
  summary.append(make("b", method.toUpperCase()), make("code", path), operation.summary || "");
  const form = make("form");
  details.append(summary, make("p", operation.description || ""), form);
  const fields = (operation.parameters || []).map((parameter) => {
    const label = make("label", `${parameter.name} (${parameter.in}${parameter.required ? "" : ", may be left out"}) `);
    const input = make("input", undefined, { title: parameter.description || "" });
    if (parameter.required) input.required = true;
    label.append(input);
    form.append(label);
    return [parameter, input];
  });
  const content = operation.requestBody && operation.requestBody.content;
  const type = content && Object.keys(content)[0];
  let body;
  if (type === "application/json") {
    body = make("textarea", pretty(content[type].example || {}), { "aria-label": "Body", spellcheck: "false" });
    const schema = make("details");
    schema.append(make("summary", "Schema of the body"), make("pre", pretty(resolve(api, content[type].schema))));
    form.append(body, schema);
  } else if (type) {
    body = make("input", undefined, { type: "file", "aria-label": "File" });
    form.append(body);
  }
  const shown = make("pre", undefined, { role: "status" });
  form.append(make("button", "Send"));
  details.append(shown);
  const good = Object.entries(operation.responses).find(([status]) => status.startsWith("2"));
  if (good && good[1].content) {
    const example = Object.values(good[1].content).map((kind) => kind.example).find((found) => found !== undefined);
    if (example !== undefined) shown.textContent = `Example (${good[0]}):\n${pretty(example)}`;
  }
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    let address = path;
    const query = new URLSearchParams();
    for (const [parameter, input] of fields) {
      if (parameter.in === "path") address = address.replace(`{${parameter.name}}`, encodeURIComponent(input.value));
      else if (parameter.in === "query" && input.value) query.set(parameter.name, input.value);
    }
    if ([...query].length) address += `?${query}`;
    const told = body && (type === "application/json" ? body.value : body.files[0]);
    const answer = await send(method.toUpperCase(), address, told, type);
    shown.textContent = `${answer.status}\n${answer.text}`;
  });
  return details;
}

async function show() {
  const api = await (await fetch("/openapi.json")).json();
  const groups = new Map();
  for (const [path, operations] of Object.entries(api.paths)) {
    for (const [method, operation] of Object.entries(operations)) {
      const tag = (operation.tags || ["other"])[0];
      if (!groups.has(tag)) groups.set(tag, []);
      groups.get(tag).push(route(api, method, path, operation));
    }
  }
  const main = document.getElementById("routes");
  main.replaceChildren(make("p", api.info.description.trim()));
  for (const [tag, routes] of groups) main.append(make("h2", tag), ...routes);
}

document.getElementById("sign-in").addEventListener("submit", async (event) => {
  event.preventDefault();
  const fields = new FormData(event.target);
  const body = JSON.stringify({ user: fields.get("user"), password: fields.get("password") });
  const answer = await send("POST", "/api/v1/session", body, "application/json");
  const told = JSON.parse(answer.text);
  token = told.token || "";
  document.getElementById("who").textContent = token ? `Signed in: ${told.roles.join(", ")}` : told.detail;
});
show();
