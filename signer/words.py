# SPDX-License-Identifier: LGPL-3.0-only
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
    "Bank": ("Bank", "Банк"),
    "Asked by": ("Prosi", "Запрашивает"),
    "Message": ("Identyfikator dokumentu", "Идентификатор документа"),
    "Document {number} of {count}": ("Dokument {number} z {count}", "Документ {number} из {count}"),
    "Transfers ({version})": ("Przelewy ({version})", "Платежи ({version})"),
    "Payment order (1C DirectBank)": (
        "Polecenie zapłaty w rublach (1C DirectBank)",
        "Платёжное поручение (1C DirectBank)",
    ),
    "Request of a statement (1C DirectBank)": (
        "Zapytanie o wyciąg (1C DirectBank)",
        "Запрос выписки (1C DirectBank)",
    ),
    "Question about a document (1C DirectBank)": (
        "Pytanie o stan dokumentu (1C DirectBank)",
        "Запрос о состоянии документа (1C DirectBank)",
    ),
    "RECALL of a document (1C DirectBank)": (
        "ODWOŁANIE dokumentu (1C DirectBank)",
        "ОТЗЫВ документа (1C DirectBank)",
    ),
    "Test of the connection (1C DirectBank)": (
        "Próba połączenia (1C DirectBank)",
        "Проверка связи (1C DirectBank)",
    ),
    "Packet of {count}": ("Paczka dokumentów: {count}", "Пакет документов: {count}"),
    "Document": ("Dokument", "Документ"),
    "Ordered by": ("Inicjator", "Инициатор"),
    "Written at": ("Utworzono", "Создан"),
    "Written by": ("Utworzono w programie", "Создан программой"),
    "To the bank": ("Do banku", "В банк"),
    "Execution day": ("Data realizacji", "Дата исполнения"),
    "Date of the order": ("Data polecenia", "Дата поручения"),
    "From account": ("Z rachunku", "Со счёта"),
    "Payer": ("Zleceniodawca", "Плательщик"),
    "Payer's address": ("Adres zleceniodawcy", "Адрес плательщика"),
    "Payer's id": ("Identyfikator zleceniodawcy", "Идентификатор плательщика"),
    "Payer's bank": ("Bank zleceniodawcy", "Банк плательщика"),
    "Payer's INN and KPP": ("INN i KPP płatnika", "ИНН и КПП плательщика"),
    "Payee's address": ("Adres odbiorcy", "Адрес получателя"),
    "Payee's id": ("Identyfikator odbiorcy", "Идентификатор получателя"),
    "Payee's bank": ("Bank odbiorcy", "Банк получателя"),
    "Payee's INN and KPP": ("INN i KPP odbiorcy", "ИНН и КПП получателя"),
    "Bank between": ("Bank pośredniczący", "Банк-посредник"),
    "Exchange contract": ("Numer transakcji walutowej", "Номер валютной сделки"),
    "To be sent in the currency": ("Do wysłania w walucie", "Отправляется в валюте"),
    "Name of the bank": ("Nazwa banku", "Название банка"),
    "Payer's bank (own number)": (
        "Bank zleceniodawcy (numer własny)",
        "Банк плательщика (свой номер)",
    ),
    "Payee's bank (own number)": (
        "Bank odbiorcy (numer własny)",
        "Банк получателя (свой номер)",
    ),
    "Bank between (own number)": (
        "Bank pośredniczący (numer własny)",
        "Банк-посредник (свой номер)",
    ),
    "Payment system": ("System płatności", "Платёжная система"),
    "Payment system (the bank's own name)": (
        "System płatności (nazwa w banku)",
        "Платёжная система (название в банке)",
    ),
    "Message to the payee's bank": (
        "Wiadomość dla banku odbiorcy",
        "Сообщение банку получателя",
    ),
    "Purpose": ("Cel płatności", "Цель платежа"),
    "Currency of the payee's account": ("Waluta rachunku odbiorcy", "Валюта счёта получателя"),
    "On behalf of": ("W imieniu", "По поручению"),
    "In favour of": ("Na rzecz", "В пользу"),
    "Instruction to the bank": ("Instrukcja dla banku", "Указание банку"),
    "Instruction to the payee's bank": (
        "Instrukcja dla banku odbiorcy",
        "Указание банку получателя",
    ),
    "Charges": ("Koszty", "Комиссия"),
    "each side its own": ("SHA: każda strona płaci swoje", "SHA: каждая сторона платит свою"),
    "all borne by the payer": ("OUR: wszystkie płaci zleceniodawca", "OUR: всю платит плательщик"),
    "all borne by the payee": ("BEN: wszystkie płaci odbiorca", "BEN: всю платит получатель"),
    "as the payment scheme says": ("SLEV: według zasad SEPA", "SLEV: по правилам системы"),
    "Charges from account": ("Koszty z rachunku", "Комиссия со счёта"),
    "Booked as one sum": ("Księgowane jedną kwotą", "Проводится одной суммой"),
    "no": ("nie", "нет"),
    "Route": ("Tryb", "Способ"),
    "ordinary": ("zwykły", "обычный"),
    "urgent": ("pilny", "срочный"),
    "Category": ("Rodzaj przelewu", "Категория"),
    "split payment (MPP)": ("podzielona płatność (MPP)", "раздельный платёж (MPP)"),
    "tax office": ("przelew podatkowy", "налоговый платёж"),
    "Tax": ("Podatek", "Налог"),
    "Tax obligation": ("Zobowiązanie podatkowe", "Налоговое обязательство"),
    "Reference": ("Referencje", "Референс"),
    "Kind of the payment (5)": ("Rodzaj płatności (5)", "Вид платежа (5)"),
    "Kind of the operation (18)": ("Rodzaj operacji (18)", "Вид операции (18)"),
    "Code of the income (20)": ("Kod dochodu (20)", "Код выплаты (20)"),
    "Priority (21)": ("Kolejność (21)", "Очерёдность (21)"),
    "Code (22)": ("Kod UIN (22)", "Код УИН (22)"),
    "Payer's status (101)": ("Status płatnika (101)", "Статус плательщика (101)"),
    "KBK (104)": ("KBK (104)", "КБК (104)"),
    "OKTMO (105)": ("OKTMO (105)", "ОКТМО (105)"),
    "Reason of the payment (106)": ("Podstawa płatności (106)", "Основание платежа (106)"),
    "Tax period (107)": ("Okres podatkowy (107)", "Налоговый период (107)"),
    "Number of the tax document (108)": (
        "Numer dokumentu podatkowego (108)",
        "Номер налогового документа (108)",
    ),
    "Date of the tax document (109)": (
        "Data dokumentu podatkowego (109)",
        "Дата налогового документа (109)",
    ),
    "Kind of the tax payment (110)": (
        "Rodzaj płatności podatkowej (110)",
        "Тип налогового платежа (110)",
    ),
    "Kind of the statement": ("Rodzaj wyciągu", "Вид выписки"),
    "final": ("ostateczny", "окончательная"),
    "interim": ("śróddzienny", "промежуточная"),
    "balance only": ("tylko saldo", "только остаток"),
    "Reason": ("Przyczyna", "Причина"),
    "Odoo says, and the signer cannot check it:": (
        "Tak podaje Odoo (program tego nie sprawdzi):",
        "Так говорит Odoo (программа этого не проверит):",
    ),
    "NEW: no session was opened at this address of this bank before. Is it your bank?": (
        "NOWY adres: pod nim ta karta nie otwierała jeszcze sesji. Czy to Twój bank?",
        "НОВЫЙ адрес: по нему карта ещё не открывала сеанса. Это ваш банк?",
    ),
    "The bank calls itself": ("Bank przedstawia się jako", "Банк называет себя"),
    "Certificate": ("Certyfikat", "Сертификат"),
    "Total": ("Razem", "Итого"),
    "Login": ("Login", "Логин"),
    "Client": ("Identyfikator klienta", "Клиент"),
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
    "Title": ("Tytuł", "Назначение"),
    "Code": ("Kod", "Код"),
    "{subject}, valid until {day}": ("{subject}, ważny do {day}", "{subject}, действует до {day}"),
    "Sign payments: {count}": ("Podpis przelewów: {count}", "Подпись платежей: {count}"),
    "Sign documents: {count}": ("Podpis dokumentów: {count}", "Подпись документов: {count}"),
    "Log in to a bank": ("Logowanie do banku", "Вход в банк"),
    "Sign: {kind}": ("Podpis: {kind}", "Подпись: {kind}"),
    "Pair this signer with Odoo?": (
        "Sparować ten program z Odoo?",
        "Связать эту программу с Odoo?",
    ),
    "Agree only if Odoo shows the same code.": (
        "Zgódź się tylko wtedy, gdy Odoo pokazuje ten sam kod.",
        "Соглашайтесь, только если Odoo показывает тот же код.",
    ),
    "Cards": ("Karty", "Карты"),
    "Pair now": ("Paruj teraz", "Связать сейчас"),
    "A site may pair for {seconds} seconds.": (
        "Strona może się sparować jeszcze przez {seconds} s.",
        "Сайт может связаться ещё {seconds} с.",
    ),
    "Odoo has a newer signer: {version}. Install it.": (
        "Odoo ma nowszą wersję programu: {version}. Zainstaluj ją.",
        "В Odoo есть новая версия программы: {version}. Установите её.",
    ),
    "Type 'pair' and Enter to pair with a site.": (
        "Wpisz 'pair' i Enter, aby sparować stronę.",
        "Введите 'pair' и Enter, чтобы связать сайт.",
    ),
    "Pairings of this address so far": (
        "Dotychczasowe parowania tego adresu",
        "Уже связано с этого адреса",
    ),
    "It sees the certificates of your cards, and asks to sign": (
        "Zobaczy certyfikaty Twoich kart i będzie prosić o podpis",
        "Увидит сертификаты ваших карт и будет просить подпись",
    ),
    "PIN of the card": ("PIN karty", "PIN карты"),
    "Sign": ("Podpisz", "Подписать"),
    "Log in": ("Zaloguj", "Войти"),
    "Show the rest": ("Pokaż dalej", "Показать дальше"),
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
