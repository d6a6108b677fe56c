// SPDX-License-Identifier: LGPL-3.0-only
/** One job for the card signer, from finding it to its answer, with words for whatever fails. */
import { browser } from "@web/core/browser/browser";
import { Component, onMounted, onWillDestroy, useState } from "@odoo/owl";
import { user } from "@web/core/user";
import { session } from "@web/session";
import { useFirstFocus } from "./first_focus";
import { RELEASE, SignerClient } from "./signer_client";
import { wordsOf } from "./signer_words";

export class SignerPanel extends Component {
    static template = "bank_webservice.SignerPanel";
    static props = {
        // What to ask: {route, body}; the panel gives the signer's answer to `onDone`.
        job: { type: Object, shape: { route: String, body: { type: Object, optional: true } } },
        onDone: Function,
    };

    setup() {
        // looking | found (not paired) | pairing (code) | waiting (for the person) | failed
        this.state = useState({ step: "looking", ports: [], code: "", words: {}, outdated: false });
        this.release = RELEASE;
        useFirstFocus(() => [this.state.step]);
        onMounted(() => this.start());
        onWillDestroy(() => this.client?.close());
    }

    async start() {
        this.client?.close();
        this.client = new SignerClient(session.db, user.login);
        Object.assign(this.state, { step: "looking", code: "" });
        await this.guarded(async () => {
            const found = await this.client.find();
            if (found === "paired") {
                return this.work();
            }
            Object.assign(this.state, { step: "found", ports: found });
        });
    }

    async pair(port) {
        await this.guarded(async () => {
            await this.client.pair(port, (code) =>
                Object.assign(this.state, { step: "pairing", code })
            );
            await this.work();
        });
    }

    async work() {
        Object.assign(this.state, { step: "waiting", outdated: this.client.isOutdated });
        const { route, body } = this.props.job;
        const answer = await this.client.call(route, body || {});
        this.client.close();
        await this.props.onDone(answer);
    }

    async guarded(step) {
        const client = this.client;
        try {
            await step();
        } catch (error) {
            if (client !== this.client || error.code === "cancelled") {
                return;
            }
            if (!error.code || typeof error.code === "number") {
                // The server's own refusal, from onDone: its words are complete.
                error = { code: "", message: error.data?.message || error.message };
            }
            Object.assign(this.state, { step: "failed", words: wordsOf(error) });
            if (this.state.words.help === "get") {
                this.state.digest ??= await this.digest();
            }
        }
    }

    /** SHA-256 of the signer that this Odoo hands out, hex. */
    async digest() {
        const answer = await browser.fetch("/bank_webservice/signer.pyz.sha256");
        return (await answer.text()).split(" ")[0];
    }

    get asksPin() {
        return this.props.job.route !== "/v2/certificates";
    }

    get opens() {
        return this.props.job.route === "/v2/open-login";
    }
}
