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

function hex(buffer) {
    return [...new Uint8Array(buffer)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function expectedProof(secret, nonce) {
    const encoder = new TextEncoder();
    const hash = await crypto.subtle.digest("SHA-256", encoder.encode(secret));
    const algorithm = { name: "HMAC", hash: "SHA-256" };
    const key = await crypto.subtle.importKey("raw", hash, algorithm, false, ["sign"]);
    return hex(await crypto.subtle.sign("HMAC", key, encoder.encode(nonce)));
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
        this.storageKey = `bank_webservice.signer.${database}.${user}`;
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
        const headers = { "Content-Type": "application/json" };
        if (token) {
            headers.Authorization = `Bearer ${token}`;
        }
        let response, answer;
        try {
            response = await browser.fetch(`http://127.0.0.1:${port}${route}`, {
                method: "POST",
                mode: "cors",
                credentials: "omit",
                cache: "no-store",
                headers,
                body: JSON.stringify({ ...this.who, ...body }),
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

    /**
     * Finds this user's signer. Returns "paired", or the ports of signers that are not paired.
     * The token goes only to the signer that proves that it knows this pairing.
     */
    async find() {
        if (!window.isSecureContext) {
            throw new SignerError("insecure_page");
        }
        const state = await permission();
        if (state === "denied") {
            throw new SignerError("permission_denied");
        }
        const timeout = state === "prompt" ? PERMISSION_MS : QUICK_MS;
        if (this.port && this.token && (await this.isMine(this.port, timeout))) {
            return "paired";
        }
        const all = Array.from({ length: PORTS }, (_item, index) => FIRST_PORT + index);
        if (this.port && !all.includes(this.port)) {
            all.push(this.port);
        }
        const found = await Promise.all(all.map((port) => this.hello(port, timeout)));
        for (const { port, mine } of found.filter((answer) => answer?.mine)) {
            this.remember(port, this.token);
            return mine && "paired";
        }
        const others = found.filter(Boolean).map(({ port }) => port);
        if (!others.length) {
            const denied = (await permission()) === "denied";
            throw new SignerError(denied ? "permission_denied" : "not_running");
        }
        return others;
    }

    async isMine(port, timeout) {
        return (await this.hello(port, timeout))?.mine;
    }

    /** {port, mine}, or undefined where no signer answers. */
    async hello(port, timeout) {
        const [pairing, secret] = (this.token || "").split(".");
        const nonce = hex(crypto.getRandomValues(new Uint8Array(16)));
        try {
            const answer = await this.post(port, "/v1/hello", { pairing, nonce }, { timeout });
            if (answer.program !== "bank-signer") {
                return undefined;
            }
            const mine = answer.paired && answer.proof === (await expectedProof(secret, nonce));
            return { port, mine };
        } catch {
            return undefined;
        }
    }

    /** Pairs with the signer at `port`; `show(code)` while the person compares. */
    async pair(port, show) {
        const { request, code } = await this.post(port, "/v1/pair");
        show(code);
        const { token } = await this.post(port, "/v1/pair/wait", { request });
        this.remember(port, token);
    }

    async call(route, body) {
        try {
            return await this.post(this.port, route, body, { token: this.token });
        } catch (error) {
            if (["not_paired", "other_user"].includes(error.code)) {
                this.forget();
            }
            throw error;
        }
    }
}
