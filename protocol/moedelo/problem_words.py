# SPDX-License-Identifier: LGPL-3.0-only
"""The words of problem documents: English in the code, Russian beside it.

They are here and not in the add-on's translations, since a problem is told in the caller's
language also where no database, and so no language of Odoo, is there.
"""

from __future__ import annotations

#: kind of problem -> (HTTP status, title)
TITLES = {
    "refused": (400, "The request was refused."),
    "malformed": (400, "The body cannot be read."),
    "unauthorized": (401, "An access token is required."),
    "forbidden": (403, "The access token does not allow this."),
    "not-found": (404, "There is nothing at this address."),
    "not-allowed": (405, "The method is not allowed here."),
    "conflict": (409, "This id was used for another document."),
    "too-late": (409, "The order has gone to the bank."),
    "too-large": (413, "The body is too large."),
    "media-type": (415, "The body must be JSON."),
    "invalid": (422, "The document cannot be accepted."),
    "too-many": (429, "Too many requests."),
    "failed": (500, "The server failed."),
    "unavailable": (503, "The server cannot serve this now."),
}

WRONG_TYPE = "must be {expected}"
MISSING = "is missing"
UNKNOWN = "is not a field of this document"
TOO_LONG = "is longer than {limit} characters"
BAD_VALUE = "is not {expected}"
BAD_CHARACTER = "contains a character that cannot be stored"
TOO_MANY = "holds more than {limit} documents"
EMPTY = "holds no document"
NOT_YOURS = "is not an account that you may use"
NO_JOURNAL = "is not an account that payments are made from here"
NOT_PAYER = "is not the payer's: expected {expected}"
NOT_ROUBLES = "must be RUB: only rouble orders are taken"
TOO_FAR = "lies further ahead than {days} days"
OTHER_CONTENT = "The id {id} was used for a document with other content."
ALREADY_SENT = "The order is {state}: it cannot be recalled any more."
BUSY = "Somebody is working with this order at this moment. Try again in some seconds."
SAME_NUMBER = "There is another order of this payer with this number and date."
NO_JSON = "It is not JSON."
NOT_UTF8 = "It is not UTF-8."
DUPLICATE_KEY = "The key {key} stands twice in one object."
TOO_DEEP = "It is nested too deeply."
BAD_CURSOR = "is not a cursor of this list"
NO_PARAMETER = "is not a parameter of this method"
ORDER_OF_DAYS = "lies before the first day"
NOT_OVER = "is not over: a final statement has whole days of the past"
TOO_MANY_DAYS = "gives more than {limit} days at once"
FETCH_LIMIT = "The bank may be asked {limit} times an hour for an account."

EXPECTED_TEXT = "a text"
EXPECTED_OBJECT = "an object"
EXPECTED_LIST = "a list"
EXPECTED_UUID = "a UUID in lower case, such as 0f8fad5b-d9cb-469f-a165-70867728950e"
EXPECTED_DATE = "a date such as 2026-04-01"
EXPECTED_AMOUNT = "an amount above zero with two decimals, such as 1234.50, as a text"
EXPECTED_NUMBER = "1 to 6 digits, not all zero"
EXPECTED_ACCOUNT = "an account of 20 digits"
EXPECTED_BIK = "a BIK of 9 digits"
EXPECTED_INN = "an INN of 10 or 12 digits, such as 7707083893"
EXPECTED_KPP = "a KPP such as 770101001, or 0"
EXPECTED_KBK = "a KBK of 20 digits, such as 18201061201010000510, or 0"
EXPECTED_OKTMO = "an OKTMO of 8 or 11 digits, such as 45382000, or 0"
EXPECTED_UIN = "a UIN of 20 or 25 digits, or 0"
EXPECTED_DIGIT = "a digit from 1 to 5"
EXPECTED_KIND = "one of final, interim, balance"
EXPECTED_FORMAT = "json or 1c"
EXPECTED_STATUS = "one of registered, in_progress, refused"
EXPECTED_CURRENCY = "the code of a currency: RUB"
EXPECTED_LIMIT = "a number from 1 to 1000"

#: code of a warning on an accepted document -> its words
WARNINGS = {"same_number": SAME_NUMBER}

RUSSIAN = {
    "The body cannot be read.": "Тело запроса не удалось прочитать.",
    "An access token is required.": "Требуется токен доступа.",
    "The access token is expired, revoked or malformed.": (
        "Токен доступа просрочен, отозван или неверен."
    ),
    "The access token does not allow this.": "Токен доступа не даёт на это права.",
    "There is nothing at this address.": "По этому адресу ничего нет.",
    "The method is not allowed here.": "Этот метод здесь не разрешён.",
    "This id was used for another document.": "Этот идентификатор занят другим документом.",
    "The order has gone to the bank.": "Поручение уже ушло в банк.",
    "The body is too large.": "Тело запроса слишком велико.",
    "The body must be JSON.": "Тело запроса должно быть в формате JSON.",
    "The document cannot be accepted.": "Документ не может быть принят.",
    "Too many requests.": "Слишком много запросов.",
    "The server failed.": "Ошибка на сервере.",
    "The server cannot serve this now.": "Сервер сейчас не может ответить на это.",
    "The request was refused.": "В запросе отказано.",
    "TLS is required.": "Требуется TLS.",
    "No database is chosen. Name it in the header X-Odoo-Database.": (
        "База данных не выбрана. Укажите её в заголовке X-Odoo-Database."
    ),
    WRONG_TYPE: "должно быть: {expected}",
    MISSING: "не заполнено",
    UNKNOWN: "такого поля в документе нет",
    TOO_LONG: "длиннее {limit} символов",
    BAD_VALUE: "не подходит; ожидается: {expected}",
    BAD_CHARACTER: "содержит недопустимый символ",
    TOO_MANY: "содержит более {limit} документов",
    EMPTY: "не содержит документов",
    NOT_YOURS: "это не тот счёт, которым вы можете пользоваться",
    NO_JOURNAL: "с этого счёта здесь платежи не делаются",
    NOT_PAYER: "не соответствует плательщику; ожидается {expected}",
    NOT_ROUBLES: "должно быть RUB: принимаются только рублёвые поручения",
    TOO_FAR: "позже чем через {days} дней",
    OTHER_CONTENT: "Идентификатор {id} занят документом с другим содержанием.",
    ALREADY_SENT: "Поручение в состоянии {state}: отозвать его уже нельзя.",
    BUSY: "С этим поручением сейчас работают. Повторите через несколько секунд.",
    SAME_NUMBER: "У этого плательщика есть другое поручение с таким номером и датой.",
    NO_JSON: "Это не JSON.",
    NOT_UTF8: "Это не UTF-8.",
    DUPLICATE_KEY: "Ключ {key} повторяется в одном объекте.",
    TOO_DEEP: "Слишком много вложенных уровней.",
    BAD_CURSOR: "не является указателем этого списка",
    NO_PARAMETER: "такого параметра у метода нет",
    ORDER_OF_DAYS: "раньше первого дня",
    NOT_OVER: "ещё не закончился: в итоговой выписке только прошедшие дни",
    TOO_MANY_DAYS: "даёт более {limit} дней сразу",
    FETCH_LIMIT: "По одному счёту банк можно спрашивать {limit} раз в час.",
    EXPECTED_TEXT: "строка",
    EXPECTED_OBJECT: "объект",
    EXPECTED_LIST: "список",
    EXPECTED_UUID: "UUID строчными буквами, например 0f8fad5b-d9cb-469f-a165-70867728950e",
    EXPECTED_DATE: "дата вида 2026-04-01",
    EXPECTED_AMOUNT: "сумма больше нуля с двумя знаками, например 1234.50, строкой",
    EXPECTED_NUMBER: "от 1 до 6 цифр, не все нули",
    EXPECTED_ACCOUNT: "счёт из 20 цифр",
    EXPECTED_BIK: "БИК из 9 цифр",
    EXPECTED_INN: "ИНН из 10 или 12 цифр, например 7707083893",
    EXPECTED_KPP: "КПП, например 770101001, или 0",
    EXPECTED_KBK: "КБК из 20 цифр, например 18201061201010000510, или 0",
    EXPECTED_OKTMO: "ОКТМО из 8 или 11 цифр, например 45382000, или 0",
    EXPECTED_UIN: "УИН из 20 или 25 цифр, или 0",
    EXPECTED_DIGIT: "цифра от 1 до 5",
    EXPECTED_KIND: "одно из: final, interim, balance",
    EXPECTED_FORMAT: "json или 1c",
    EXPECTED_STATUS: "одно из: registered, in_progress, refused",
    EXPECTED_CURRENCY: "код валюты: RUB",
    EXPECTED_LIMIT: "число от 1 до 1000",
}
