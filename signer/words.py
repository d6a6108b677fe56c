"""The words of the signer's windows in Polish and Russian; other languages see English.

Refusals are not here: they carry a code, and Odoo's page has words for each.
"""

from __future__ import annotations

import locale
import os

LANGUAGES = ("pl", "ru")

#: English -> (Polish, Russian); parts in braces stay
WORDS = {
    "Kind": ("Rodzaj", "Вид"),
    "Payments": ("Liczba przelewów", "Платежей"),
    "From account": ("Z rachunku", "Со счёта"),
    "Message": ("Komunikat", "Сообщение"),
    "Bank": ("Bank", "Банк"),
    "Asked by": ("Prosi", "Запрашивает"),
    "Certificate": ("Certyfikat", "Сертификат"),
    "Total": ("Razem", "Итого"),
    "Login": ("Login", "Логин"),
    "Client": ("Identyfikator klienta", "Клиент"),
    "Asked by the bank as": ("Bank przedstawia się jako", "Банк называет себя"),
    "Address": ("Adres", "Адрес"),
    "Address of the bank": ("Adres banku", "Адрес банка"),
    "What for": ("Do czego", "Для чего"),
    "The card opens the session id that the bank encrypted": (
        "Karta odszyfruje identyfikator sesji, który bank dla niej zaszyfrował",
        "Карта расшифрует идентификатор сеанса, который банк для неё зашифровал",
    ),
    "Database": ("Baza danych", "База данных"),
    "User": ("Użytkownik", "Пользователь"),
    "Number": ("Numer", "Номер"),
    "Account": ("Rachunek", "Счёт"),
    "Period": ("Okres", "Период"),
    "About document": ("Dotyczy dokumentu", "О документе"),
    "Budget payment": ("Płatność budżetowa", "Платёж в бюджет"),
    "Payee": ("Odbiorca", "Получатель"),
    "Amount": ("Kwota", "Сумма"),
    "Title": ("Tytuł", "Назначение"),
    "Code": ("Kod", "Код"),
    "{subject}, valid until {day}": ("{subject}, ważny do {day}", "{subject}, действует до {day}"),
    "{origin}  (database {database}, user {user})": (
        "{origin}  (baza {database}, użytkownik {user})",
        "{origin}  (база {database}, пользователь {user})",
    ),
    "Sign payments: {count}": ("Podpis przelewów: {count}", "Подпись платежей: {count}"),
    "Sign: {kind}": ("Podpis: {kind}", "Подпись: {kind}"),
    "Log in to {bank}": ("Logowanie do: {bank}", "Вход в {bank}"),
    "Pair this signer with Odoo?": (
        "Sparować ten program z Odoo?",
        "Связать эту программу с Odoo?",
    ),
    "Agree only if Odoo shows the same code.": (
        "Zgódź się tylko wtedy, gdy Odoo pokazuje ten sam kod.",
        "Соглашайтесь, только если Odoo показывает тот же код.",
    ),
    "PIN of the card": ("PIN karty", "PIN карты"),
    "Sign": ("Podpisz", "Подписать"),
    "Log in": ("Zaloguj", "Войти"),
    "Agree": ("Zgoda", "Согласен"),
    "Refuse": ("Odmów", "Отказать"),
    "Revoke": ("Cofnij", "Отозвать"),
    "Quit": ("Zakończ", "Выход"),
    "Bank signer": ("Podpis bankowy", "Банковская подпись"),
    "The signer is ready at {address}": (
        "Program czeka pod adresem {address}",
        "Программа ждёт по адресу {address}",
    ),
    "Paired with:": ("Sparowany z:", "Связана с:"),
    "Not paired yet.": ("Jeszcze nie sparowany.", "Пока ни с чем не связана."),
    "Wrong PINs were entered before: the card has only a few tries left.": (
        "Wpisano już błędny PIN: karcie zostało tylko kilka prób.",
        "Уже вводили неверный PIN: у карты осталось мало попыток.",
    ),
    "ONE try is left: another wrong PIN locks the card.": (
        "Została JEDNA próba: kolejny błędny PIN zablokuje kartę.",
        "Осталась ОДНА попытка: ещё один неверный PIN заблокирует карту.",
    ),
    "Type 'yes' to agree, anything else refuses: ": (
        "Wpisz 'tak', aby się zgodzić; wszystko inne odmawia: ",
        "Введите 'да', чтобы согласиться; всё остальное — отказ: ",
    ),
    "yes": ("tak", "да"),
    "PIN: ": ("PIN: ", "PIN: "),
    "Too late: nobody waits for this answer any more.": (
        "Za późno: nikt już nie czeka na tę odpowiedź.",
        "Поздно: этого ответа уже никто не ждёт.",
    ),
}


def language() -> str:
    """The user's language: "pl", "ru", or anything else for English."""
    names = ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")
    found = next((os.environ[name] for name in names if os.environ.get(name)), "")
    found = found or locale.getlocale()[0] or ""
    return {"polish": "pl", "russian": "ru"}.get(found.lower().split("_")[0], found[:2].lower())


def say(text: str, **parts: object) -> str:
    """`text` in the user's language, its braces filled."""
    chosen = language()
    if chosen in LANGUAGES and text in WORDS:
        text = WORDS[text][LANGUAGES.index(chosen)]
    return text.format(**parts) if parts else text
