// SPDX-License-Identifier: LGPL-3.0-only
/** Talks to the card signer on this computer. Its protocol stands in signer/README.md. */
import { browser } from "@web/core/browser/browser";

export const FIRST_PORT = 17640;
export const PORTS = 20;
const QUICK_MS = 2500;
// While the browser asks the person whether this page may reach local programs.
const PERMISSION_MS = 60000;
// Newer and older names of the browser's permission for 127.0.0.1.
const PERMISSIONS = ["loopback-network", "local-network-access"];

/** What went wrong, as a code: the signer's own ones (errors.py) or one of this file. */
export class SignerError extends Error {
    constructor(code, message = "") {
        super(message || code);
        this.code = code;
    }
}

// The signer that belongs to this Odoo; one below the floor is not used any more.
export const PROTOCOL = 2;
export const NEWEST = "2.0.0";
export const FLOOR = "2.0.0";
// Where it is published with the digests of its files: .github/workflows/signer.yml makes it.
const RELEASES = "https://github.com/bank-webservice/bank_webservice/releases/tag";
export const RELEASE = `${RELEASES}/signer-${NEWEST}`;
const LABEL = `bank-signer ${PROTOCOL}`;

function hex(buffer) {
    return [...new Uint8Array(buffer)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function randomHex() {
    return hex(crypto.getRandomValues(new Uint8Array(16)));
}

function sha256(text) {
    return crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
}

/** HMAC of the parts, a line each: shows that whoever made it knows the pairing's secret. */
async function proofOf(secret, ...parts) {
    const algorithm = { name: "HMAC", hash: "SHA-256" };
    const hash = await sha256(secret);
    const key = await crypto.subtle.importKey("raw", hash, algorithm, false, ["sign"]);
    const content = new TextEncoder().encode([LABEL, ...parts].join("\n"));
    return hex(await crypto.subtle.sign("HMAC", key, content));
}

/** The six digits of a pairing: they hold for this page, this port and these two numbers. */
async function codeOf(port, ownNumber, signersNumber) {
    const parts = [LABEL, "pair", browser.location.origin, port, ownNumber, signersNumber];
    const digest = new DataView(await sha256(parts.join("\n")));
    const digits = String(digest.getBigUint64(0) % 1000000n).padStart(6, "0");
    return `${digits.slice(0, 3)} ${digits.slice(3)}`;
}

/** Is version `a` older than `b`? */
export function isOlder(a, b) {
    const [left, right] = [a, b].map((version) => String(version).split(".").map(Number));
    for (let at = 0; at < 3; at++) {
        if (left[at] !== right[at]) {
            return !(left[at] > right[at]);
        }
    }
    return false;
}

/** "granted", "denied", "prompt", or "unknown" where the browser has no such permission. */
async function permission() {
    for (const name of PERMISSIONS) {
        try {
            return (await navigator.permissions.query({ name })).state;
        } catch {
            continue;
        }
    }
    return "unknown";
}

export class SignerClient {
    /** database, user: whom the signer was paired with, beside this page's origin. */
    constructor(database, user) {
        this.who = { database, user };
        this.storageKey = `bank_webservice.signer.${JSON.stringify([database, user])}`;
        this.version = ""; // of the signer that is paired
        this.isLocalPage = /^(localhost|127\.[0-9.]+|\[::1\])$/.test(browser.location.hostname);
        this.abort = new AbortController();
        const { port, token } = this.remembered();
        this.port = port;
        this.token = token;
    }

    remembered() {
        try {
            return JSON.parse(browser.localStorage.getItem(this.storageKey)) || {};
        } catch {
            return {};
        }
    }

    remember(port, token) {
        this.port = port;
        this.token = token;
        browser.localStorage.setItem(this.storageKey, JSON.stringify({ port, token }));
    }

    forget() {
        this.token = undefined;
        browser.localStorage.removeItem(this.storageKey);
    }

    /** Nobody waits any more: open questions at the signer close by themselves. */
    close() {
        this.abort.abort();
    }

    async post(port, route, body = {}, { timeout, token } = {}) {
        const signals = [this.abort.signal];
        if (timeout) {
            signals.push(AbortSignal.timeout(timeout));
        }
        const content = JSON.stringify({ ...this.who, ...body });
        const headers = { "Content-Type": "application/json" };
        if (token) {
            headers.Authorization = await this.authorization(port, route, content, token);
        }
        let response, answer;
        try {
            response = await browser.fetch(`http://127.0.0.1:${port}${route}`, {
                method: "POST",
                mode: "cors",
                credentials: "omit",
                cache: "no-store",
                headers,
                body: content,
                signal: AbortSignal.any(signals),
            });
            answer = await response.json();
        } catch {
            throw new SignerError(this.abort.signal.aborted ? "cancelled" : "not_running");
        }
        if (!response.ok) {
            throw new SignerError(answer.error, answer.message);
        }
        return answer;
    }

    /** The proof of one request, which holds for this page, this port and nothing else. */
    async authorization(port, route, content, token) {
        const [pairing, secret] = token.split(".");
        const nonce = `${Math.floor(Date.now() / 1000)}.${randomHex()}`;
        const digest = hex(await sha256(content));
        const { origin } = browser.location;
        const proof = await proofOf(secret, origin, port, route, nonce, digest);
        return `Signer ${pairing} ${nonce} ${proof}`;
    }

    /**
     * Finds this user's signer. Returns "paired", or the ports of signers that are not paired.
     * A signer below the floor is not used: SignerError "too_old".
     */
    async find() {
        if (!window.isSecureContext) {
            throw new SignerError("insecure_page");
        }
        const before = await permission();
        if (before === "denied") {
            throw new SignerError("permission_denied");
        }
        const timeout = before === "prompt" ? PERMISSION_MS : QUICK_MS;
        if (this.port && this.token) {
            const known = await this.hello(this.port, timeout);
            if (known?.mine && !known.old) {
                return "paired";
            }
        }
        const all = Array.from({ length: PORTS }, (_item, index) => FIRST_PORT + index);
        if (this.port && !all.includes(this.port)) {
            all.push(this.port);
        }
        const found = await Promise.all(all.map((port) => this.hello(port, timeout)));
        const usable = found.filter((answer) => answer && !answer.old);
        const mine = usable.find((answer) => answer.mine);
        if (mine) {
            this.remember(mine.port, this.token);
            return "paired";
        }
        if (usable.length) {
            return usable.map(({ port }) => port);
        }
        if (found.some(Boolean)) {
            throw new SignerError("too_old");
        }
        throw new SignerError(await this.whyNobody(before));
    }

    /** Nobody answered: is nobody there, or has the browser kept us from asking? */
    async whyNobody(before) {
        const after = await permission();
        if (after === "denied") {
            return "permission_denied";
        }
        // Neither allowed nor forbidden: the browser's question was closed without an answer. A page
        // of this very computer needs no permission, and is not asked about.
        const asked = before === "prompt" && after === "prompt" && !this.isLocalPage;
        return asked ? "permission_dismissed" : "not_running";
    }

    /** {port, mine, old}, or undefined where no signer answers. */
    async hello(port, timeout) {
        const [pairing, secret] = (this.token || "").split(".");
        const nonce = randomHex();
        try {
            const answer = await this.post(port, "/v1/hello", { pairing, nonce }, { timeout });
            if (answer.program !== "bank-signer") {
                return undefined;
            }
            const old = answer.protocol !== PROTOCOL || isOlder(answer.version, FLOOR);
            const { origin } = browser.location;
            const expected = answer.paired && (await proofOf(secret, "hello", origin, port, nonce));
            const mine = answer.paired && answer.proof === expected;
            if (mine) {
                this.version = answer.version;
            }
            return { port, mine, old };
        } catch {
            return undefined;
        }
    }

    /** A newer signer can be had from this Odoo. */
    get isOutdated() {
        return Boolean(this.version) && isOlder(this.version, NEWEST);
    }

    /** Pairs with the signer at `port`; `show(code)` while the person compares. */
    async pair(port, show) {
        const number = randomHex();
        const commitment = hex(await sha256(number));
        const started = await this.post(port, "/v2/pair", { commitment });
        show(await codeOf(port, number, started.number));
        const waiting = { request: started.request, number };
        const { token } = await this.post(port, "/v2/pair/wait", waiting);
        this.remember(port, token);
    }

    async call(route, body) {
        const own = { ...body, newest: NEWEST };
        try {
            return await this.post(this.port, route, own, { token: this.token });
        } catch (error) {
            if (["not_paired", "other_user"].includes(error.code)) {
                this.forget();
            }
            throw error;
        }
    }
}
