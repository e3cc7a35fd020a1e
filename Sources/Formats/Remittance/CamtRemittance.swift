import Domain

/// The advices that a statement carries itself: credits whose remittance information states amounts document by document (`RfrdDocAmt`).
///
/// - Returns: Empty for a file without such amounts, which is read once, quickly.
/// - Errors: `FileFault` as `CamtReader` gives it.
/// - Source: ISO 20022 StructuredRemittanceInformation, in camt versions 02 to 13.
package func camtAdvices(_ path: String) throws(FileFault) -> [RemittanceAdvice] {
    guard try contains(path, "RfrdDocAmt") else { return [] }
    var reader = CamtRemittance()
    let walker = try XMLWalker(path: path)
    while let step = try walker.step() {
        guard case .start(_, let element) = step else { continue }
        reader.meet(element)
        if element.isNamed("Ntry") { reader.take(try walker.subtree()) }
    }
    guard !reader.payments.isEmpty else { return [] }
    let places = try elementPlaces(path, of: reader.wanted, isUTF8: !walker.isMislabelled)
    return reader.payments.map { $0.advice(path, places) }
}

/// Text of an element, and which one it is among those inside entries.
private struct CamtField {
    let text: String
    let ordinal: Int
    let line: Int
    let currency: String?

    func cited(_ places: [Int: Citation]) -> Cited<String> {
        Cited(text, places[ordinal] ?? Citation(line: line, columns: 1..<(1 + text.count)))
    }
}

private struct CamtDocument {
    var number: CamtField
    var kind: RemittanceAdvice.DocumentKind
    var issuedOn: CamtField?
    var due, creditNote, remitted: CamtField?
    var discounts: [CamtField] = []
    var adjustments: [(amount: CamtField, raises: Bool, reason: CamtField?)] = []
}

private struct CamtPayment {
    let format: String
    let currency: Currency
    let total: CamtField
    let day, payer, account: CamtField?
    /// The code of the account's bank.
    let bank: String
    let reference: CamtField?
    var documents: [CamtDocument] = []

    /// What cannot be read is left out with a finding: the receipt stands in the books without it.
    func advice(_ path: String, _ places: [Int: Citation]) -> RemittanceAdvice {
        var draft = RemittanceDraft(path: path, format: format, currency: currency)
        draft.advice.payerName = payer?.cited(places)
        draft.advice.payerIdentifiers = [citedAccount(account?.cited(places), bank: bank)].compactMap(\.self)
        draft.advice.paymentReference = reference?.cited(places)
        if let day, let on = Day(day.text.prefix(10)) { draft.advice.paidOn = Cited(on, day.cited(places).at) }
        draft.advice.total = money(total, &draft, places)
        for document in documents { draft.advice.lines.append(line(document, &draft, places)) }
        return draft.finished()
    }

    private func money(
        _ field: CamtField?, lowers: Bool = false, _ draft: inout RemittanceDraft, _ places: [Int: Citation]
    ) -> Cited<Money>? {
        guard let field else { return nil }
        guard field.currency == nil || field.currency == currency.code else {
            draft.find(field.line, "amount in \(field.currency ?? ""), the payment is in \(currency.code): left out")
            return nil
        }
        do throws(FileFault) {
            let amount = try draft.money(field.cited(places), decimal: ".")
            return lowers && amount.value.minor > 0 ? Cited(-amount.value, amount.at) : amount
        } catch {
            draft.find(field.line, "\(error.message): left out")
            return nil
        }
    }

    private func line(_ document: CamtDocument, _ draft: inout RemittanceDraft, _ places: [Int: Citation]) -> RemittanceAdvice.Line {
        var line = RemittanceAdvice.Line(document.number.cited(places), kind: document.kind)
        if let day = document.issuedOn, let on = Day(day.text.prefix(10)) { line.issuedOn = Cited(on, day.cited(places).at) }
        let isCredit = document.kind == .creditNote
        line.gross = money(document.due, lowers: isCredit, &draft, places)
        var discounts: [Cited<Money>] = []
        for field in document.discounts { if let discount = money(field, &draft, places) { discounts.append(discount) } }
        if let first = discounts.first {
            if let sum = exact(discounts.map(\.value)) { line.discount = Cited(sum, first.at) } else { draft.find(first.at.line, beyond) }
        }
        if !isCredit, let credit = money(document.creditNote, &draft, places) { line.deductions.append(.init(amount: credit)) }
        for adjustment in document.adjustments {
            guard let amount = money(adjustment.amount, lowers: adjustment.raises, &draft, places) else { continue }
            line.deductions.append(.init(amount: amount, reason: adjustment.reason?.cited(places)))
        }
        if exact(line.deductions.map(\.amount.value)) == nil {
            draft.find(document.number.line, beyond)
            line.deductions = []
        }
        let stated = document.remitted ?? (isCredit ? document.creditNote ?? document.due : nil)
        line.paid = money(stated, lowers: isCredit, &draft, places)
        if stated == nil, let gross = line.gross {
            let parts = [gross.value] + (line.discount.map { [-$0.value] } ?? []) + line.deductions.map { -$0.amount.value }
            line.paid = exact(parts).map { Cited($0, gross.at) }
        }
        return line
    }

    private var beyond: String { "the amounts of a document add up to more than may be entered: left out" }

    /// nil above the largest amount that may be entered.
    private func exact(_ amounts: [Money]) -> Money? {
        let sum = amounts.reduce(Int128(0)) { $0 + Int128($1.minor) }
        return sum.magnitude <= Money.entryBound ? Money(minor: Int64(sum), currency) : nil
    }
}

/// Collects the payments of a file while its entries go by.
private struct CamtRemittance {
    private(set) var payments: [CamtPayment] = []
    /// Which elements inside entries are cited.
    private(set) var wanted: Set<Int> = []
    private var format = "camt"
    private var met = 0
    private var ordinals: [XMLElement.Identity: Int] = [:]

    /// Tells the format by the message's own name.
    mutating func meet(_ element: XMLElement) {
        for (name, family) in [("BkToCstmrStmt", "camt.053"), ("BkToCstmrAcctRpt", "camt.052"), ("BkToCstmrDbtCdtNtfctn", "camt.054")]
        where element.name.hasPrefix(name) { format = family }
    }

    mutating func take(_ entry: XMLElement) {
        ordinals.removeAll(keepingCapacity: true)
        entry.forEachElement { element in
            ordinals[element.identity] = met
            met += 1
        }
        guard entry.text("CdtDbtInd") == "CRDT", !["true", "1"].contains(entry.text("RvslInd")) else { return }
        let details = entry.children("NtryDtls").flatMap { $0.children("TxDtls") }
        for one in details where one.text("CdtDbtInd") != "DBIT" && one.child("RtrInf") == nil {
            guard let information = one.child("RmtInf") else { continue }
            let documents = information.children("Strd").flatMap(documents)
            guard documents.contains(where: { $0.remitted != nil || $0.due != nil || $0.creditNote != nil }) else { continue }
            let stated = [
                one.child("Amt"), one.at("AmtDtls", "TxAmt", "Amt"), details.count == 1 ? entry.child("Amt") : nil,
            ].compactMap { $0 }.first
            guard let stated, let total = field(stated), let currency = total.currency.flatMap({ Currency($0) }) else { continue }
            let parties = one.child("RltdPties"), debtor = parties?.child("Dbtr"), agent = one.at("RltdAgts", "DbtrAgt", "FinInstnId")
            let day = entry.at("BookgDt", "Dt") ?? entry.at("BookgDt", "DtTm") ?? entry.at("ValDt", "Dt")
            // Without an id of its own it is the entry's, by which the receipt is found.
            let references = [one.at("Refs", "EndToEndId"), entry.child("AcctSvcrRef")].map(field)
            payments.append(
                CamtPayment(
                    format: format, currency: currency, total: total, day: field(day),
                    payer: payer(debtor) ?? payer(parties?.child("UltmtDbtr")),
                    account: field(parties?.at("DbtrAcct", "Id", "IBAN")) ?? field(parties?.at("DbtrAcct", "Id", "Othr", "Id")),
                    bank: (agent?.text("ClrSysMmbId", "MmbId") ?? agent?.text("BICFI") ?? agent?.text("BIC")) ?? "",
                    reference: references.compactMap { $0 }.first { !["NOTPROVIDED", "NONREF"].contains($0.text.uppercased()) },
                    documents: documents))
            note(payments[payments.count - 1])
        }
    }

    /// The documents of one `Strd`; its amounts are told of one document only.
    private func documents(_ structured: XMLElement) -> [CamtDocument] {
        let named = structured.children("RfrdDocInf").compactMap { referred -> CamtDocument? in
            guard let number = field(referred.child("Nb")) else { return nil }
            let code = referred.text("Tp", "CdOrPrtry", "Cd")
            let day = referred.at("RltdDt", "Dt") ?? referred.child("RltdDt")
            return CamtDocument(number: number, kind: documentKind(code), issuedOn: field(day))
        }
        guard named.count == 1, let amounts = structured.child("RfrdDocAmt") else { return named }
        var document = named[0]
        document.due = field(amounts.child("DuePyblAmt"))
        document.creditNote = field(amounts.child("CdtNoteAmt"))
        document.remitted = field(amounts.child("RmtdAmt"))
        // An amount of its own up to version 03, one with its type since.
        document.discounts = amounts.children("DscntApldAmt").compactMap { field($0.child("Amt") ?? $0) }
        for adjustment in amounts.children("AdjstmntAmtAndRsn") {
            guard let amount = field(adjustment.child("Amt")) else { continue }
            let reason = field(adjustment.child("AddtlInf")) ?? field(adjustment.child("Rsn"))
            document.adjustments.append((amount, adjustment.text("CdtDbtInd") == "DBIT", reason))
        }
        return [document]
    }

    private func field(_ element: XMLElement?) -> CamtField? {
        guard let element, !element.content.isEmpty, let ordinal = ordinals[element.identity] else { return nil }
        return CamtField(text: element.content, ordinal: ordinal, line: element.line, currency: element.attribute("Ccy"))
    }

    /// `NOTPROVIDED` is nobody.
    private func payer(_ party: XMLElement?) -> CamtField? {
        let name = field(party?.child("Nm")) ?? field(party?.at("Pty", "Nm"))
        return name?.text.uppercased() == "NOTPROVIDED" ? nil : name
    }

    private mutating func note(_ payment: CamtPayment) {
        var fields = [payment.total, payment.day, payment.payer, payment.account, payment.reference]
        for one in payment.documents {
            fields += [one.number, one.issuedOn, one.due, one.creditNote, one.remitted] + one.discounts
            fields += one.adjustments.flatMap { [$0.amount, $0.reason] }
        }
        wanted.formUnion(fields.compactMap { $0?.ordinal })
    }
}

/// ISO 20022 ExternalDocumentType1Code; what has no code is taken as an invoice.
private func documentKind(_ code: String?) -> RemittanceAdvice.DocumentKind {
    switch code {
    case "CREN", "CNFA": .creditNote
    case "DEBN", "DNFA": .debitNote
    case "PUOR": .order
    case "SOAC", "DISP", "CMCN", "BOLD", "VCHR": .other
    default: .invoice
    }
}
