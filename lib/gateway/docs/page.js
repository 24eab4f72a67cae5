"use strict";
/* Forms for the cords of a chute, made from /openapi.json. Nothing that comes from the chute is
 * ever taken as HTML. */
const TEXT_LINE_MAX = 200;      // longer texts get a box of several lines
const SHOWN_CHARACTERS = 500000; // more of an answer is not shown
const CURL_BODY_MAX = 2000;     // a longer body goes into a file
let description = {};

/* An element with attributes, handlers ("onclick") and children. */
function make(tag, attributes, ...children) {
	const element = document.createElement(tag);
	for (const [key, value] of Object.entries(attributes || {})) {
		if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
		else if (value === true) element.setAttribute(key, "");
		else if (value !== false && value != null) element.setAttribute(key, value);
	}
	element.append(...children.filter((child) => child != null));
	return element;
}

/* --- schemas */

function resolve(schema) {
	for (let i = 0; i < 8 && schema && schema.$ref; i++) {
		const parts = schema.$ref.slice(2).split("/");
		schema = parts.reduce((at, part) => (at || {})[part.replaceAll("~1", "/").replaceAll("~0", "~")], description);
	}
	return schema && typeof schema === "object" ? schema : {};
}

/* Without null, which is what a field that is left out says. */
function bare(schema) {
	const resolved = resolve(schema);
	const members = (resolved.anyOf || resolved.oneOf || []).map(resolve).filter((member) => member.type !== "null");
	if (members.length !== 1) return resolved;
	const { anyOf, oneOf, ...own } = resolved;
	return { ...members[0], ...own };
}

function kindOf(schema) {
	const type = Array.isArray(schema.type) ? schema.type.find((one) => one !== "null") : schema.type;
	if (schema.enum || "const" in schema) return "choice";
	if (schema.contentEncoding === "base64") return "file";
	if (type === "integer" || type === "number" || type === "boolean") return type;
	if (type === "string") return "text";
	return "json";
}

function rulesOf(schema) {
	const rules = [];
	const say = (key, words) => { if (schema[key] != null) rules.push(words.replace("#", schema[key])); };
	say("minimum", "at least #"); say("exclusiveMinimum", "more than #");
	say("maximum", "at most #"); say("exclusiveMaximum", "less than #");
	say("multipleOf", "a multiple of #");
	say("minLength", "# characters or more"); say("maxLength", "at most # characters");
	say("minItems", "# items or more"); say("maxItems", "at most # items");
	say("format", "#"); say("contentMediaType", "#");
	if (schema.pattern && schema.contentEncoding !== "base64") rules.push("matches " + schema.pattern);
	return rules.join(", ");
}

/* --- fields */

/* Each kind of field: its control, what it says (undefined: nothing), and how it is filled. */
const kinds = {
	text(schema) {
		const isLong = !(schema.maxLength <= TEXT_LINE_MAX) && !schema.format;
		const control = isLong ? make("textarea", { rows: 2 }) : make("input", { type: "text" });
		return plain(control, (text) => text, (value) => String(value));
	},
	integer: (schema) => number(schema, "1"),
	number: (schema) => number(schema, "any"),
	boolean(schema) {
		const control = make("select", {}, make("option", { value: "" }, leftOut(schema)),
			make("option", { value: "true" }, "true"), make("option", { value: "false" }, "false"));
		return plain(control, (text) => text === "true", (value) => String(value));
	},
	choice(schema) {
		const values = schema.enum || [schema.const];
		const control = make("select", {}, make("option", { value: "" }, leftOut(schema)),
			...values.map((value) => make("option", { value: JSON.stringify(value) }, String(value))));
		return plain(control, (text) => JSON.parse(text), (value) => JSON.stringify(value));
	},
	json(schema) {
		const wanted = schema.type === "array" ? "[…]" : schema.type === "object" ? "{…}" : "JSON";
		const control = make("textarea", { rows: 2, class: "json", spellcheck: "false", placeholder: wanted });
		return plain(control, (text) => {
			try { return JSON.parse(text); } catch (problem) { throw new Error("is no JSON: " + problem.message); }
		}, (value) => JSON.stringify(value, null, 2));
	},
	file(schema) {
		const control = make("input", { type: "file", accept: schema.contentMediaType });
		let given; // by the example
		control.addEventListener("change", () => { given = undefined; });
		return {
			control,
			read: async () => (control.files.length ? base64Of(control.files[0]) : given),
			fill(value) { control.value = ""; given = value; },
		};
	},
};

function leftOut(schema) {
	return schema.default == null ? "—" : `— (${JSON.stringify(schema.default)})`;
}

function plain(control, parse, show) {
	return {
		control,
		read: async () => (control.value === "" ? undefined : parse(control.value)),
		fill(value) { control.value = value == null ? "" : show(value); },
	};
}

function number(schema, step) {
	const control = make("input", { type: "number", step, min: schema.minimum, max: schema.maximum, inputmode: "decimal" });
	return plain(control, Number, String);
}

function base64Of(file) {
	return new Promise((done, failed) => {
		const reader = new FileReader();
		reader.onload = () => done(reader.result.slice(reader.result.indexOf(",") + 1));
		reader.onerror = () => failed(new Error("cannot be read"));
		reader.readAsDataURL(file);
	});
}

/* One field with its label, help and place for what is wrong with it. */
function makeField(id, name, schema, isRequired) {
	const own = bare(schema);
	const field = kinds[kindOf(own)](own);
	const help = [own.description, rulesOf(own)].filter(Boolean).join(" · ");
	const wrong = make("p", { class: "wrong", id: id + "-wrong" });
	if (own.default != null && field.control.tagName !== "SELECT" && field.control.type !== "file")
		field.control.placeholder = typeof own.default === "string" ? own.default : JSON.stringify(own.default);
	field.control.id = id;
	field.control.name = name;
	if (isRequired) field.control.setAttribute("aria-required", "true");
	field.control.setAttribute("aria-describedby", (help ? id + "-help " : "") + id + "-wrong");
	field.name = name;
	field.isRequired = isRequired;
	field.complain = (text) => {
		wrong.textContent = text || "";
		field.control.setAttribute("aria-invalid", text ? "true" : "false");
	};
	field.element = make("div", { class: "field" },
		make("label", { for: id }, name, isRequired ? make("span", { class: "must", "aria-hidden": "true" }, " *") : null),
		help ? make("span", { class: "note", id: id + "-help" }, help) : null, field.control, wrong);
	return field;
}

/* Fields of an object, or one box of JSON where nothing is known. */
function makeInput(id, operation) {
	const media = ((operation.requestBody || {}).content || {})["application/json"] || {};
	const parameters = operation.parameters || [];
	const schema = resolve(media.schema);
	const required = schema.required || [];
	const fields = operation.requestBody
		? Object.entries(schema.properties || {}).map(([name, one]) => makeField(`${id}-${name}`, name, one, required.includes(name)))
		: parameters.map((one) => makeField(`${id}-${one.name}`, one.name, one.schema, one.required));
	const whole = operation.requestBody && fields.length === 0
		? makeField(`${id}-body`, "body", { description: "the body, as JSON" }, false) : null;
	if (whole) fields.push(whole);
	return {
		fields,
		example: media.example,
		fill(value) {
			if (whole) whole.fill(value);
			else for (const field of fields) field.fill((value || {})[field.name]);
		},
		/* The input; undefined when something is wrong with it. */
		async read() {
			const input = {};
			let firstWrong = null;
			for (const field of fields) {
				let problem = null;
				let value;
				try { value = await field.read(); } catch (error) { problem = error.message; }
				if (!problem && value === undefined && field.isRequired) problem = "is needed";
				if (!problem && field.control.validity.badInput) problem = "is no number";
				field.complain(problem);
				if (problem) firstWrong = firstWrong || field;
				else if (value !== undefined) input[field.name] = value;
			}
			if (firstWrong) { firstWrong.control.focus(); return undefined; }
			return whole ? (input.body === undefined ? {} : input.body) : input;
		},
		/* What the chute says of single fields. */
		complain(errors) {
			for (const error of errors || []) {
				const field = fields.find((one) => one.name === error.field);
				if (field) field.complain(error.problem);
			}
		},
	};
}

/* --- requests */

function requestOf(route, input) {
	const url = new URL(route.path, location.origin);
	const options = { method: route.method };
	if (route.operation.requestBody) {
		options.headers = { "Content-Type": "application/json" };
		options.body = JSON.stringify(input);
	} else {
		for (const [name, value] of Object.entries(input))
			for (const one of Array.isArray(value) ? value : [value])
				url.searchParams.append(name, typeof one === "object" ? JSON.stringify(one) : one);
	}
	return { url: url.href, options };
}

function shellWord(text) {
	return /^[\w@%+=:,./-]+$/.test(text) ? text : "'" + text.replaceAll("'", "'\\''") + "'";
}

function curlOf(route, input) {
	const { url, options } = requestOf(route, input);
	const words = ["curl"];
	if (route.operation["x-chutes"] && route.operation["x-chutes"].stream) words.push("-N");
	if (options.method !== "GET" && options.method !== "POST") words.push("-X", options.method);
	words.push(shellWord(url));
	if (options.body) {
		words.push("-H", "'Content-Type: application/json'");
		words.push("-d", options.body.length > CURL_BODY_MAX ? "@body.json" : shellWord(options.body));
	}
	const type = Object.keys(((route.operation.responses || {})["200"] || {}).content || {})[0] || "";
	if (/^(image|audio|video)\//.test(type)) words.push("-o", "answer." + type.split(/[/+;]/)[1]);
	return words.join(" ");
}

/* --- answers */

function sizeOf(bytes) {
	return bytes < 1000 ? bytes + " B" : bytes < 1e6 ? (bytes / 1e3).toFixed(1) + " kB" : (bytes / 1e6).toFixed(1) + " MB";
}

/* What a stream in OpenAI's form says, as running text. */
function wordsOf(line) {
	if (!line.startsWith("data:")) return "";
	try {
		const choice = (JSON.parse(line.slice(5)).choices || [])[0] || {};
		return (choice.delta ? choice.delta.content : choice.text) || "";
	} catch { return ""; }
}

async function showStream(response, place, onBytes) {
	const said = make("div", { class: "said", hidden: true });
	const output = make("pre", { tabindex: "0", "aria-label": "Answer" });
	const decoder = new TextDecoder();
	const reader = response.body.getReader();
	let rest = "";
	let nShown = 0;
	place.append(said, output);
	for (;;) {
		const { done, value } = await reader.read();
		const text = decoder.decode(value, { stream: !done });
		onBytes(value ? value.length : 0);
		if (nShown < SHOWN_CHARACTERS) {
			const wasAtEnd = output.scrollTop + output.clientHeight >= output.scrollHeight - 8;
			output.append(text.slice(0, SHOWN_CHARACTERS - nShown));
			if (wasAtEnd) output.scrollTop = output.scrollHeight;
		}
		nShown += text.length;
		const lines = (rest + text).split("\n");
		rest = lines.pop();
		const more = lines.map(wordsOf).join("");
		if (more) { said.hidden = false; said.append(more); }
		if (done) break;
	}
	if (nShown > SHOWN_CHARACTERS) place.append(make("p", { class: "note" }, "The rest is not shown."));
}

async function showMedia(response, type, place, onBytes) {
	const blob = await response.blob();
	const url = URL.createObjectURL(blob.type ? blob : new Blob([blob], { type }));
	const kind = type.split("/")[0];
	onBytes(blob.size);
	if (kind === "image") place.append(make("img", { src: url, alt: "The picture that the chute answered with" }));
	else if (kind === "audio") place.append(make("audio", { src: url, controls: true }));
	else if (kind === "video") place.append(make("video", { src: url, controls: true }));
	place.append(make("p", {}, make("a", { href: url, download: "answer." + type.split(/[/+;]/)[1] }, "Save the answer")));
}

async function showText(response, type, place, onBytes) {
	const text = await response.text();
	let shown = text;
	onBytes(new Blob([text]).size);
	if (/json/.test(type)) try { shown = JSON.stringify(JSON.parse(text), null, 2); } catch { /* as it is */ }
	if (shown.length > SHOWN_CHARACTERS) shown = shown.slice(0, SHOWN_CHARACTERS) + "\n…";
	place.append(make("pre", { tabindex: "0", "aria-label": "Answer" }, shown));
	try { return JSON.parse(text); } catch { return null; }
}

/* Send, and show what comes as it comes. */
async function call(route, input, view) {
	const { url, options } = requestOf(route, input);
	const began = performance.now();
	const abort = new AbortController();
	let bytes = 0;
	let status = "";
	let isGood = true;
	const tell = (end) => {
		view.status.className = isGood ? "good" : "bad";
		view.status.textContent = [status, ((performance.now() - began) / 1000).toFixed(2) + " s", sizeOf(bytes), end].filter(Boolean).join(" · ");
	};
	const onBytes = (n) => { bytes += n; tell("receiving …"); };
	view.begin(() => abort.abort());
	try {
		status = "sending …";
		tell();
		const response = await fetch(url, { ...options, signal: abort.signal, credentials: "same-origin" });
		const type = response.headers.get("Content-Type") || "";
		status = `${response.status} ${response.statusText}`.trim() + (response.headers.get("X-Chutes-Stub") ? " · stub" : "");
		isGood = response.ok;
		tell("receiving …");
		if (/^(image|audio|video)\/|octet-stream|zip/.test(type)) await showMedia(response, type, view.place, onBytes);
		else if (/event-stream/.test(type) || (!type && response.body) || /^text\//.test(type)) await showStream(response, view.place, onBytes);
		else {
			const answer = await showText(response, type, view.place, onBytes);
			if (response.status === 400 && answer) view.complain(answer.errors);
		}
		tell(type);
	} catch (problem) {
		isGood = false;
		tell(abort.signal.aborted ? "stopped" : bytes ? "the answer broke off" : "no answer: is the chute still running?");
	} finally {
		view.end();
	}
}

/* --- the page */

function makeCord(route, index) {
	const id = `cord-${index}`;
	const input = makeInput(id, route.operation);
	const notes = route.operation["x-chutes"] || {};
	const status = make("p", { role: "status" });
	const place = make("div", {});
	const curl = make("pre", { tabindex: "0", "aria-label": "The request as a curl command" });
	const send = make("button", { type: "submit" }, "Send");
	const stop = make("button", { type: "button", disabled: true }, "Stop");
	const example = make("button", { type: "button", onclick: () => { input.fill(input.example); refresh(); } }, "Fill in the example");
	const copy = make("button", { type: "button", onclick: async () => {
		try { await navigator.clipboard.writeText(curl.textContent); copy.textContent = "Copied"; }
		catch { getSelection().selectAllChildren(curl); copy.textContent = "Selected"; }
		setTimeout(() => { copy.textContent = "Copy"; }, 1500);
	} }, "Copy");
	const view = {
		status, place,
		complain: input.complain,
		begin(onStop) { place.replaceChildren(); send.disabled = true; stop.disabled = false; stop.onclick = onStop; },
		end() { send.disabled = false; stop.disabled = true; },
	};
	const refresh = async () => {
		const said = {};
		for (const field of input.fields)
			try {
				const value = await field.read();
				if (value !== undefined) said[field.name] = value;
			} catch { /* shown when it is sent */ }
		const isWhole = input.fields.length === 1 && input.fields[0].name === "body" && !route.known;
		curl.textContent = curlOf(route, isWhole ? (said.body === undefined ? {} : said.body) : said);
	};
	const form = make("form", { novalidate: true, "aria-label": `Call ${route.method} ${route.path}`,
		oninput: refresh,
		onkeydown: (event) => { if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit(); },
		onsubmit: async (event) => {
			event.preventDefault();
			if (send.disabled) return;
			const value = await input.read();
			if (value !== undefined) await call(route, value, view);
		} },
		...input.fields.map((field) => field.element),
		input.fields.length ? null : make("p", { class: "note" }, "This cord takes no input."),
		make("div", { class: "row" }, send, stop, input.example === undefined ? null : example));
	input.fill(input.example);
	refresh();
	return make("section", { id, "aria-labelledby": id + "-title" },
		make("h2", { id: id + "-title" }, make("span", { class: "method" }, route.method),
			make("span", { class: "path" }, route.path), make("span", { class: "note" }, route.operation.summary || "")),
		notes.stream ? make("p", { class: "note" }, notes.stream_is_chosen ? "Answers as a stream where “stream” is true." : "Answers as a stream.") : null,
		form,
		make("details", {}, make("summary", {}, "As a command"), make("div", { class: "row" }, copy), curl),
		make("div", { class: "answer" }, status, place));
}

function routesOf() {
	const routes = [];
	for (const [path, item] of Object.entries(description.paths || {}))
		for (const [verb, operation] of Object.entries(item)) {
			const media = ((operation.requestBody || {}).content || {})["application/json"] || {};
			routes.push({ method: verb.toUpperCase(), path, operation, known: Boolean(resolve(media.schema).properties) });
		}
	return routes;
}

async function showCords() {
	const main = document.getElementById("cords");
	description = await (await fetch("/openapi.json")).json();
	const routes = routesOf();
	document.title = description.info.title;
	document.getElementById("name").textContent = description.info.title;
	document.getElementById("tagline").textContent = description.info.summary || "";
	document.getElementById("index").replaceChildren(...routes.map((route, index) =>
		make("li", {}, make("a", { href: `#cord-${index}` }, `${route.method} ${route.path}`))));
	main.replaceChildren(...routes.map(makeCord));
	if (!routes.length) main.append(make("p", {}, "No cord has a public route, or the chute has not said yet which it has."));
	return routes.length;
}

/* Ready or not: asked until it is. */
async function watchState(nRoutes) {
	const state = document.getElementById("state");
	let wait = 2000;
	try {
		const response = await fetch("/_ping");
		const answer = await response.json();
		state.className = response.ok ? "ready" : response.status === 502 ? "down" : "";
		state.textContent = response.ok ? "ready" : answer.detail;
		if (response.ok) wait = 15000;
		if (response.ok && !nRoutes) nRoutes = await showCords();
	} catch {
		state.className = "down";
		state.textContent = "no answer";
	}
	setTimeout(() => watchState(nRoutes), wait);
}

showCords().catch(() => 0).then(watchState);
