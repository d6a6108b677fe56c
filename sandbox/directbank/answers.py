"""What the bank says: ResultBank, its errors, and the documents and packets it makes."""

from __future__ import annotations

import base64
import uuid

from lxml import etree
from lxml.builder import ElementMaker

from ..clock import MOSCOW
from ..http import Response
from ..seed import SEED
from ..world import OutPacket
from .shapes import NAMESPACE

VERSION = "2.3.2"
AGENT = "SandboxDirectBank"
BANK = SEED["directbank"]
BOM = b"\xef\xbb\xbf"
E = ElementMaker(namespace=NAMESPACE, nsmap={None: NAMESPACE})

# Codes and names of the standard's classifier of errors.
ERRORS = {
    "1001": "Указанный сервис временно недоступен",
    "1002": "Не указан обязательный заголовок в запросе",
    "1003": "Идентификатор клиента не найден",
    "1004": "Некорректный формат идентификатора клиента",
    "1006": "Сессия закрыта по тайм-ауту",
    "1007": "Некорректный идентификатор сессии",
    "1010": "Внутренняя ошибка",
    "1011": "Некорректный метод аутентификации клиента",
    "1012": "Не удалось получить настройки обмена с банком",
    "1013": "Недостаточно прав на операции с расч.счетом",
    "1101": "Сертификат электронной подписи не найден",
    "1104": "Сертификат электронной подписи просрочен",
    "1105": "Сертификат электронной подписи не вступил в силу",
    "1201": "Некорректные данные для аутентификации",
    "1203": "Доступ к сервису временно заблокирован",
    "1204": "Некорректный ОТР",
    "2001": "Некорректный формат транспортного контейнера",
    "2002": "Дубль транспортного контейнера",
    "2003": "Недопустимый размер транспортного контейнера",
    "2004": "Неизвестный отправитель",
    "2005": "Неизвестный получатель",
    "2006": "Недопустимая версия формата транспортного контейнера",
    "2007": "Недопустимый код вида электронного документа",
    "2008": "Недопустимая версия формата электронного документа",
    "2010": "Невозможно расшифровать содержимое",
    "2011": "Некорректное сжатие (архивирование)",
    "2013": "Отсутствует электронная подпись",
    "2014": "Некорректная электронная подпись",
    "2015": "Невозможно проверить электронную подпись",
    "2101": "Некорректный формат отметки времени",
    "2102": "Транспортный контейнер не найден",
    "2201": "Некорректный формат электронного документа",
    "2202": "Дубль электронного документа по ИД",
    "2203": "Дубль электронного документа по реквизитам",
    "2205": "Ошибка в реквизитах электронного документа",
    "2206": "Некорректный период запроса выписки",
    "2207": "Отсутствует электронный документ с запрашиваемым ИД",
}
STATUSES = {
    "01": "Принят",
    "02": "Исполнен",
    "03": "Отклонен банком",
    "04": "Приостановлен",
    "05": "Аннулирован",
    "06": "Не подтвержден",
}


class BankSays(Exception):
    """An error of the standard; as an answer (`result`) or inside a notice (`element`)."""

    def __init__(self, code: str, more: str = ""):
        super().__init__(f"{code} {ERRORS[code]} {more}".strip())
        self.code, self.more = code, more

    def element(self):
        error = E.Error(E.Code(self.code), E.Description(ERRORS[self.code]))
        if self.more:
            error.append(E.MoreInfo(self.more))
        return error


def result(child) -> Response:
    """ResultBank with Success (or Error, when `child` is one)."""
    part = child if child.tag == f"{{{NAMESPACE}}}Error" else E.Success(child)
    root = E.ResultBank(part, formatVersion=VERSION, userAgent=AGENT)
    body = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    return Response(200, "application/xml; charset=utf-8", body)


def moment(instant) -> str:
    """The bank's server time: Moscow, without a zone, to the second."""
    return instant.astimezone(MOSCOW).strftime("%Y-%m-%dT%H:%M:%S")


def root_attributes(world, ident: str = "") -> dict[str, str]:
    return {
        "id": ident or str(uuid.uuid4()),
        "formatVersion": VERSION,
        "creationDate": moment(world.now()),
        "userAgent": AGENT,
    }


def customer(client) -> dict[str, str]:
    values = {"id": client.identifier, "name": client.name, "inn": client.inn, "kpp": client.kpp}
    return {key: value for key, value in values.items() if value}


def bank() -> dict[str, str]:
    return {"bic": BANK["bik"], "name": BANK["name"]}


def status(code: str, more: str = ""):
    element = E.Status(E.Code(code), E.Name(STATUSES[code]))
    if more:
        element.append(E.MoreInfo(more))
    return element


def document_notice(world, client, document_id: str, outcome, request_id: str = "") -> None:
    """Queue a notice (02) about a document; `outcome`: a Status or Error element."""
    notice = E.StatusDocNotice(
        E.Sender(E.Bank(**bank())),
        E.Recipient(E.Customer(**customer(client))),
        E.ExtID(document_id),
        E.Result(outcome),
        **root_attributes(world),
    )
    if request_id:
        notice.append(E.ExtIDStatusRequest(request_id))
    queue(world, client, "02", notice, document_id)


def packet_notice(world, client, bank_id: str, packet_id: str) -> None:
    """Queue a notice (01): the packet was taken apart."""
    notice = E.StatusPacketNotice(
        E.Sender(E.Bank(**bank())),
        E.Recipient(E.Customer(**customer(client))),
        E.IDResultSuccessResponse(bank_id),
        E.Result(status("01")),
        E.ExtIDPacket(packet_id),
        **root_attributes(world),
    )
    queue(world, client, "01", notice, packet_id)


def queue(world, client, kind: str, document, ext_id: str = "") -> None:
    """Put a document into a packet of its own and let that wait for its client."""
    data = BOM + etree.tostring(document, xml_declaration=True, encoding="UTF-8")
    ident = str(uuid.uuid4())
    holder = E.Document(
        E.Data(base64.b64encode(data).decode(), fileName=f"{document.get('id')}.xml"),
        id=document.get("id"),
        dockind=kind,
        formatVersion=VERSION,
    )
    if ext_id:
        holder.set("extID", ext_id)
    packet = E.GetPacketResponse(
        E.Sender(E.Bank(**bank())),
        E.Recipient(E.Customer(**customer(client))),
        holder,
        **root_attributes(world, ident),
    )
    out = OutPacket(ident, client.identifier, world.now(), etree.tostring(packet))
    world.state.outbox.append(out)
