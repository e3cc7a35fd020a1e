import Domain

/// Reads one EDIFACT REMADV message.
///
/// - Source: UN/EDIFACT REMADV, directories D.93A to D.20B.
struct EdifactRemittance {
    private let message: EDIMessage
    private var draft: RemittanceDraft
    private var line: RemittanceAdvice.Line?
    private var isSummary = false
    private var adjustmentReason: Cited<String>?
    /// Behind a reference of the line: a day of reference (171) is that one's.
    private var isOfReference = false
    private let namesPayer: Bool
    /// Behind DLI: what stands there tells of one line of the document; what these pay together.
    private var isItem = false, itemsPaid: Cited<Money>?
    /// The first amount of the document in another currency than the payment's.
    private var foreign: Cited<Currency>?

    init(_ message: EDIMessage, path: String, fallback: Currency?) throws(FileFault) {
        self.message = message
        namesPayer = message.segments.contains { $0.tag == "NAD" && Self.payers.contains($0.text(1)) }
        let stated =
            message.segments.first { $0.tag == "CUX" }?.text(1, 2)
            ?? message.segments.first { $0.tag == "MOA" && $0.value(1, 3) != nil }?.text(1, 3)
        guard let currency = stated.flatMap({ Currency($0) }) ?? fallback else {
            throw FileFault(path: path, line: message.segments.first?.at.line, "the message names no currency: say it with --currency")
        }
        draft = RemittanceDraft(path: path, format: "EDIFACT REMADV \(message.version)", currency: currency)
    }

    mutating func read() throws(FileFault) -> RemittanceDraft {
        for segment in message.segments { try take(segment) }
        closeLine()
        return draft
    }

    private mutating func take(_ segment: EDISegment) throws(FileFault) {
        switch segment.tag {
        case "DOC": startLine(segment)
        case "DLI": isItem = line != nil
        case "MOA": try takeAmount(segment)
        case "AJT": adjustmentReason = segment.value(1)
        case "RFF": takeReference(segment)
        case "DTM": takeDate(segment)
        case "NAD": takeParty(segment)
        case "FII":
            if ["OR", "PB", "BI"].contains(segment.text(1)), let account = citedAccount(segment.value(2), bank: segment.text(3)) {
                draft.advice.payerIdentifiers.append(account)
            }
        case "UNS":
            closeLine()
            isSummary = true
        case "BGM": draft.advice.paymentReference = segment.value(2, 1)
        default: break
        }
    }

    private mutating func startLine(_ segment: EDISegment) {
        closeLine()
        guard let number = segment.value(2, 1) else { return draft.find(segment.at.line, "a line (DOC) names no document") }
        let kind: RemittanceAdvice.DocumentKind =
            switch segment.text(1) {
            case "380", "384", "389", "386": .invoice
            case "381", "396", "261", "262", "308", "81", "83", "458", "532": .creditNote
            case "383", "80", "84": .debitNote
            case "220", "105": .order
            default: .other
            }
        line = RemittanceAdvice.Line(number, kind: kind)
        (isOfReference, isItem, itemsPaid, foreign) = (false, false, nil, nil)
    }

    /// 11 and 12 paid, 9 due, 77 and 39 the invoice, 52 and 138 discount, 165, 8 and 204 adjustments; after UNS the totals.
    private mutating func takeAmount(_ segment: EDISegment) throws(FileFault) {
        guard let text = segment.value(1, 2) else { return }
        // Most tell the same once more; where a document has no other amount it is said.
        if let other = Currency(segment.text(1, 3)), other != draft.advice.currency {
            foreign = foreign ?? Cited(other, text.at)
            return
        }
        let kind = segment.text(1, 1) == "11" ? "12" : segment.text(1, 1), amount = try draft.money(text, decimal: message.decimal)
        guard line != nil, !isSummary else {
            if kind == "12" || ["9", "128", "86", "139"].contains(kind) && draft.advice.total == nil { draft.advice.total = amount }
            return
        }
        if isItem {
            if kind == "12" { itemsPaid = try draft.sum(itemsPaid, amount) }
            return
        }
        let signed = line?.kind == .creditNote && amount.value.minor > 0 ? Cited(-amount.value, amount.at) : amount
        switch kind {
        case "12": line?.paid = signed
        case "77", "39", "38", "35", "203": line?.gross = signed
        case "9": if line?.gross == nil { line?.gross = signed }
        case "52", "138": line?.discount = signed
        case "165", "8", "204":
            line?.deductions.append(.init(amount: amount, reason: adjustmentReason))
            adjustmentReason = nil
        default: break
        }
    }

    private mutating func takeReference(_ segment: EDISegment) {
        guard let number = segment.value(1, 2) else { return }
        let qualifier = segment.text(1, 1)
        if line != nil {
            line?.alsoKnownAs.append(number)
            isOfReference = true
        } else if ["PQ", "AEK", "PAY", "TN", "CK"].contains(qualifier) {
            draft.advice.paymentReference = number
        } else if ["VA", "ADE", "IT", "ABO"].contains(qualifier) {
            draft.advice.payerIdentifiers.append(number)
        }
    }

    private mutating func takeDate(_ segment: EDISegment) {
        guard let day = compactDay(segment.value(1, 2)) else { return }
        if line != nil {
            let kind = segment.text(1, 1)
            if kind == "137" || kind == "171" && !isOfReference && line?.issuedOn == nil { line?.issuedOn = day }
        } else if ["138", "203", "209", "140"].contains(segment.text(1, 1)) || draft.advice.paidOn == nil {
            draft.advice.paidOn = day
        }
    }

    private static let payers = ["PR", "PL", "OB", "BY", "PE2"]

    /// The sender of the message (MS) where it names no payer, as in the German energy trade.
    private mutating func takeParty(_ segment: EDISegment) {
        let role = segment.text(1)
        guard Self.payers.contains(role) || role == "MS" && !namesPayer, line == nil else { return }
        if draft.advice.payerName == nil || segment.text(1) == "PR" {
            draft.advice.payerName = segment.value(4) ?? segment.value(3) ?? draft.advice.payerName
        }
        if let number = segment.value(2, 1) { draft.advice.payerIdentifiers.append(number) }
    }

    /// A line that says what it is worth but not what is paid pays that less what is kept.
    private mutating func closeLine() {
        guard var told = line else { return }
        let reason = adjustmentReason
        (line, adjustmentReason) = (nil, nil)
        if told.gross == nil { told.paid = told.paid ?? itemsPaid }
        if told.paid == nil, let gross = told.gross {
            let less = (told.discount?.value.minor ?? 0) + told.deductions.map(\.amount.value.minor).reduce(0, +)
            let minor = gross.value.minor - less
            if minor.magnitude <= Money.entryBound.magnitude { told.paid = Cited(Money(minor: minor, draft.advice.currency), gross.at) }
        }
        // A reason without an amount of its own tells why the document is not paid in full.
        if let reason, told.deductions.isEmpty, told.discount == nil, let gross = told.gross?.value, let paid = told.paid,
            gross.minor > paid.value.minor, paid.value.minor >= 0
        {
            told.deductions.append(
                .init(amount: Cited(Money(minor: gross.minor - paid.value.minor, gross.currency), paid.at), reason: reason))
        }
        if told.paid == nil, let foreign {
            draft.find(foreign.at.line, "amount in \(foreign.value.code), the payment is in \(draft.advice.currency.code): left out")
        }
        draft.advice.lines.append(told)
    }
}
