// SPDX-License-Identifier: LGPL-3.0-only
/** The dialog *Log in to the bank*: starts the log-in, shows the code, and goes on by itself. */
import { Component, onWillDestroy, onWillStart, useState } from "@odoo/owl";
import { useFirstFocus } from "../signer/first_focus";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { SignerPanel } from "../signer/signer_panel";
import { resumeOperation } from "./resume";

// How often the bank is asked. A worker is held only for the question itself.
const POLL_MS = 2000;

export class ConfirmDialog extends Component {
    static template = "bank_webservice.ConfirmDialog";
    static components = { SignerPanel };
    static props = { ...standardActionServiceProps };

    setup() {
        // Not through useService: its calls never come back once this dialog is closed, and the
        // operation goes on after that.
        this.orm = this.env.services.orm;
        this.action = this.env.services.action;
        const { session_id, resume } = this.props.action.params;
        this.sessionId = session_id;
        this.resume = resume;
        this.done = false;
        this.left = false;
        this.state = useState({ state: "starting", secondsLeft: null, answer: "", methods: [] });
        onWillStart(() => this.start());
        onWillDestroy(() => this.leave());
        useFirstFocus(() => [this.state.state, this.state.method]);
    }

    call(method, ...args) {
        return this.orm.call("bank.session", method, [[this.sessionId], ...args]);
    }

    async start(method) {
        this.stop();
        // Nothing else can be started meanwhile, whose answer a later one would replace.
        this.state.state = "starting";
        this.state.chosen = method || this.state.chosen; // also where this one fails
        try {
            this.take(await this.call("dialog_start", method || false));
        } catch (error) {
            this.fail(error.data?.message || error.message, error.data?.context);
        }
    }

    take(answer) {
        this.sessionId = answer.session_id || this.sessionId; // after a refusal it begins anew
        if (this.left) {
            this.call("dialog_cancel").catch(() => {}); // of a start that was still on its way
        }
        if (this.done) {
            return;
        }
        Object.assign(this.state, answer, { secondsLeft: answer.seconds_left ?? null });
        if (answer.state === "open") {
            return this.goOn();
        }
        if (answer.state === "waiting") {
            this.startClock();
            if (answer.method === "mobile") {
                this.pollTimer = setTimeout(() => this.poll(), POLL_MS);
            }
        } else {
            this.stop();
        }
    }

    async poll() {
        try {
            this.take(await this.call("dialog_poll"));
        } catch (error) {
            this.fail(error.data?.message || error.message, error.data?.context);
        }
    }

    /** `wayOut`: {action, button} of the screen where it is put right, where there is one. */
    fail(message, wayOut = {}) {
        this.stop();
        Object.assign(this.state, { state: "failed", message, wayOut });
    }

    async openWayOut() {
        await this.cancel();
        await this.env.services.action.doAction(this.state.wayOut.action);
    }

    startClock() {
        if (!this.clock && this.state.secondsLeft !== null) {
            this.clock = setInterval(() => {
                this.state.secondsLeft = Math.max(0, this.state.secondsLeft - 1);
                if (!this.state.secondsLeft && this.state.method !== "mobile") {
                    // Of the phone's confirmation the bank tells what became of it.
                    this.fail(_t("Nobody confirmed in time. Start again."));
                }
            }, 1000);
        }
    }

    stop() {
        clearTimeout(this.pollTimer);
        clearInterval(this.clock);
        this.clock = null;
    }

    async sendCode() {
        await this.answer(this.state.answer);
    }

    async answer(value) {
        try {
            this.take(await this.call("dialog_answer", value));
        } catch (error) {
            this.fail(error.data?.message || error.message, error.data?.context);
        }
    }

    /** The card signs the bank's challenge, or opens what the bank encrypted for it. */
    get cardJob() {
        const { certificate, payload, encrypted, method } = this.state;
        if (method === "envelope") {
            const body = { certificate, log_in: payload, envelope: encrypted };
            return { route: "/v2/open-login", body };
        }
        return { route: "/v2/sign-login", body: { certificate, challenge: payload } };
    }

    async takeCard({ signatures, nonce, session_id }) {
        const opened = JSON.stringify({ nonce, session_id });
        await this.answer(signatures ? signatures[0].signature : opened);
    }

    /** The operation that needed the log-in is called again, with the user's own rights. */
    async goOn() {
        this.done = true;
        this.stop();
        await resumeOperation(this.env, this.resume);
    }

    /** Closed with Escape or the cross: nobody waits for the answer any more. */
    leave() {
        this.stop();
        if (!this.done) {
            this.done = this.left = true;
            this.call("dialog_cancel").catch(() => {});
        }
    }

    async cancel() {
        this.done = this.left = true;
        this.stop();
        await this.call("dialog_cancel");
        await this.action.doAction({ type: "ir.actions.act_window_close" });
    }

    get otherMethods() {
        return this.state.methods.filter(([method]) => method !== this.state.chosen);
    }

    get timeLeft() {
        const seconds = this.state.secondsLeft;
        if (seconds === null) {
            return "";
        }
        const minutes = Math.floor(seconds / 60);
        return `${minutes}:${String(seconds % 60).padStart(2, "0")}`;
    }

    get tryAgain() {
        return _t("Try again");
    }
}

registry.category("actions").add("bank_webservice.confirm", ConfirmDialog);
