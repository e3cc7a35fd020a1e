import Domain

/// A camt.053.001.08 document with one statement, which `readCamt` reads back as it was.
///
/// Texts are at most as long as the schema allows (35 for references, 140 for names), remittance words at most 140; blanks
/// are single. The closing balance is the opening balance and the booked entries.
/// - Parameter entries: In the currency of `opening`; a transaction without amount only beside others.
/// - Source: ISO 20022 camt.053.001.08.
package func camtStatement(_ header: StatementHeader, opening: Money, _ entries: [BankEntry]) -> String {
    let booked = entries.filter { $0.status == .booked }
    let closing = opening + booked.map(\.amount).total(in: opening.currency)
    let firstDay = booked.map(\.bookedOn).min() ?? header.createdOn ?? Day(number: 0)
    let lastDay = booked.map(\.bookedOn).max() ?? header.createdOn ?? Day(number: 0)
    var xml = CamtXML()
    xml.raw("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.08\">")
    xml.element("BkToCstmrStmt") { xml in
        xml.element("GrpHdr") { xml in
            xml.text("MsgId", header.id)
            xml.text("CreDtTm", "\((header.createdOn ?? lastDay).iso8601)T00:00:00")
        }
        xml.element("Stmt") { xml in
            xml.text("Id", header.id)
            if let day = header.createdOn { xml.text("CreDtTm", "\(day.iso8601)T00:00:00") }
            xml.element("Acct") { xml in
                xml.element("Id") { $0.account(header.account) }
                if let currency = header.currency { xml.text("Ccy", currency.code) }
            }
            xml.balance("OPBD", opening, firstDay)
            xml.balance("CLBD", closing, lastDay)
            xml.summary(entries)
            for entry in entries { xml.entry(entry) }
        }
    }
    xml.raw("</Document>\n")
    return xml.output
}

private struct CamtXML {
    private(set) var output = ""

    mutating func raw(_ text: String) { output += text }

    mutating func element(_ name: String, _ content: (inout CamtXML) -> Void) {
        output += "<\(name)>"
        content(&self)
        output += "</\(name)>\n"
    }

    mutating func text(_ name: String, _ text: String?) {
        if let text { output += "<\(name)>\(escaped(text))</\(name)>" }
    }

    mutating func amount(_ amount: Money) {
        let digits = decimalText(Int128(amount.minor.magnitude), amount.currency)
        output += "<Amt Ccy=\"\(amount.currency.code)\">\(digits)</Amt>"
        text("CdtDbtInd", amount.minor < 0 ? "DBIT" : "CRDT")
    }

    mutating func account(_ number: String) {
        if isIBAN(number) { text("IBAN", number) } else { element("Othr") { $0.text("Id", number) } }
    }

    mutating func balance(_ code: String, _ amount: Money, _ day: Day) {
        element("Bal") { xml in
            xml.raw("<Tp><CdOrPrtry><Cd>\(code)</Cd></CdOrPrtry></Tp>")
            xml.amount(amount)
            xml.raw("<Dt><Dt>\(day.iso8601)</Dt></Dt>")
        }
    }

    mutating func summary(_ entries: [BankEntry]) {
        guard let currency = entries.first?.amount.currency else { return }
        var tally = CamtTally()
        for entry in entries { tally.add(entry.amount) }
        func total(_ name: String, _ count: Int, _ sum: Int128) -> String {
            "<\(name)><NbOfNtries>\(count)</NbOfNtries><Sum>\(decimalText(sum, currency))</Sum></\(name)>"
        }
        element("TxsSummry") { xml in
            xml.raw(total("TtlNtries", tally.count, tally.gross))
            xml.raw(total("TtlCdtNtries", tally.creditCount, tally.credit))
            xml.raw(total("TtlDbtNtries", tally.debitCount, tally.debit))
        }
    }

    mutating func entry(_ entry: BankEntry) {
        element("Ntry") { xml in
            xml.amount(entry.amount)
            if entry.isReversal { xml.text("RvslInd", "true") }
            xml.raw("<Sts><Cd>\(entry.status.rawValue)</Cd></Sts>")
            xml.raw("<BookgDt><Dt>\(entry.bookedOn.iso8601)</Dt></BookgDt><ValDt><Dt>\(entry.valueOn.iso8601)</Dt></ValDt>")
            xml.text("AcctSvcrRef", entry.reference)
            let isReturn = entry.transactions.contains { $0.returnReason != nil }
            let family =
                isReturn
                ? "<Cd>IDDT</Cd><SubFmlyCd>UPDD</SubFmlyCd>"
                : "<Cd>\(entry.amount.minor < 0 ? "ICDT" : "RCDT")</Cd><SubFmlyCd>ESCT</SubFmlyCd>"
            xml.raw("<BkTxCd><Domn><Cd>PMNT</Cd><Fmly>\(family)</Fmly></Domn></BkTxCd>")
            xml.element("NtryDtls") { xml in
                for transaction in entry.transactions { xml.transaction(transaction, of: entry) }
            }
        }
    }

    mutating func transaction(_ transaction: BankEntry.Transaction, of entry: BankEntry) {
        element("TxDtls") { xml in
            xml.element("Refs") { xml in
                xml.text("EndToEndId", transaction.endToEndID ?? "NOTPROVIDED")
                xml.text("MndtId", transaction.mandateID)
            }
            if let amount = transaction.amount { xml.amount(amount) }
            let isDebit = (transaction.amount ?? entry.amount).minor < 0
            xml.party(transaction, isDebit != (entry.isReversal || transaction.returnReason != nil) ? "Cdtr" : "Dbtr")
            xml.remittance(transaction)
            if let reason = transaction.returnReason {
                xml.element("RtrInf") { $0.element("Rsn") { $0.text(reason.utf8.count <= 4 ? "Cd" : "Prtry", reason) } }
            }
        }
    }

    mutating func party(_ transaction: BankEntry.Transaction, _ side: String) {
        let parts = transaction.counterpartyAccount?.split(separator: "/", maxSplits: 1).map(String.init) ?? []
        let number = transaction.counterpartyIBAN ?? parts.last
        guard transaction.counterpartyName != nil || number != nil else { return }
        element("RltdPties") { xml in
            if let name = transaction.counterpartyName { xml.element(side) { $0.element("Pty") { $0.text("Nm", name) } } }
            guard let number else { return }
            xml.element("\(side)Acct") { $0.element("Id") { $0.account(number) } }
        }
        guard transaction.counterpartyIBAN == nil, parts.count == 2 else { return }
        element("RltdAgts") { xml in
            xml.element("\(side)Agt") { $0.element("FinInstnId") { $0.element("ClrSysMmbId") { $0.text("MmbId", parts[0]) } } }
        }
    }

    mutating func remittance(_ transaction: BankEntry.Transaction) {
        guard !transaction.remittance.isEmpty || transaction.structuredReference != nil else { return }
        element("RmtInf") { xml in
            for line in lines(transaction.remittance) { xml.text("Ustrd", line) }
            if let reference = transaction.structuredReference {
                xml.element("Strd") { $0.element("CdtrRefInf") { $0.text("Ref", reference) } }
            }
        }
    }
}

/// Words filled into lines of at most 140 characters (`Max140Text`); a longer word is cut.
private func lines(_ text: String) -> [String] {
    var lines: [String] = []
    for word in text.split(separator: " ") {
        if let last = lines.last, last.count + 1 + word.count <= 140 {
            lines[lines.count - 1] = "\(last) \(word)"
        } else {
            var rest = word
            while !rest.isEmpty {
                lines.append(String(rest.prefix(140)))
                rest = rest.dropFirst(140)
            }
        }
    }
    return lines
}

/// Markup escaped; characters that XML 1.0 does not know become blanks.
private func escaped(_ text: String) -> String {
    var output = ""
    for scalar in text.unicodeScalars {
        switch scalar {
        case "&": output += "&amp;"
        case "<": output += "&lt;"
        case ">": output += "&gt;"
        case "\"": output += "&quot;"
        case "\t", "\n", "\r": output.unicodeScalars.append(scalar)
        default: output.unicodeScalars.append(scalar.value < 0x20 || scalar.value & 0xFFFE == 0xFFFE ? " " : scalar)
        }
    }
    return output
}
