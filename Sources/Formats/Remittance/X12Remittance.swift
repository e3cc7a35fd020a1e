import Domain

/// Reads the payments of one 820 or 823 transaction set: each BPR is an advice of its own.
///
/// - Source: ASC X12 820 and 823; Nacha's CTX addenda carry the same segments.
struct X12Remittance {
    private let path: String
    private let format: String
    private var currency: Currency
    private var drafts: [RemittanceDraft] = []
    private var line: RemittanceAdvice.Line?
    /// Whether payments have a segment of their own (BPR): then nothing before the first is an advice.
    private var hasPayments = false
    /// The deposit's or batch's day, for a payment that names none.
    private var depositedOn: Cited<Day>?, paymentDay: Cited<Day>?
    /// Behind ENT: what stands there tells of a part of the payment.
    private var isEntity = false

    init(path: String, format: String, currency: Currency) { (self.path, self.format, self.currency) = (path, format, currency) }

    mutating func read(_ segments: [EDISegment]) throws(FileFault) -> [RemittanceDraft] {
        if let code = segments.first(where: { $0.tag == "CUR" }).flatMap({ Currency($0.text(2)) }) { currency = code }
        hasPayments = segments.contains { $0.tag == "BPR" }
        for segment in segments { try take(segment) }
        closePayment()
        return drafts
    }

    /// Sets an element of the payment read last; without a BPR the first reference or line opens one.
    private mutating func onDraft(_ change: (inout RemittanceDraft) throws(FileFault) -> Void) throws(FileFault) {
        if drafts.isEmpty { drafts.append(RemittanceDraft(path: path, format: format, currency: currency)) }
        try change(&drafts[drafts.count - 1])
    }

    private mutating func take(_ segment: EDISegment) throws(FileFault) {
        if hasPayments, drafts.isEmpty, ["TRN", "REF", "DTM", "N1"].contains(segment.tag) { return }
        switch segment.tag {
        case "BPR": try takePayment(segment)
        case "TRN": try onDraft { $0.advice.paymentReference = $0.advice.paymentReference ?? segment.value(2) }
        case "REF": try takeReference(segment)
        case "DTM": try takeDate(segment)
        case "N1": try takeParty(segment)
        case "RMR": try takeLine(segment)
        case "ADX": try takeAdjustment(segment)
        case "ENT":
            closeLine()
            isEntity = true
        case "DEP", "BAT":
            closeLine()
            depositedOn = compactDay(segment.value(segment.tag == "DEP" ? 2 : 1)) ?? depositedOn
        case "IT1", "SLN": closeLine()
        default: break
        }
    }

    private mutating func takePayment(_ segment: EDISegment) throws(FileFault) {
        closePayment()
        (paymentDay, isEntity) = (depositedOn, false)
        var draft = RemittanceDraft(path: path, format: format, currency: currency)
        if let amount = segment.value(2) { draft.advice.total = try draft.money(amount, decimal: ".") }
        draft.advice.paidOn = compactDay(segment.value(16))
        draft.advice.payerIdentifiers = [citedAccount(segment.value(9), bank: segment.text(7)), segment.value(10)].compactMap { $0 }
        drafts.append(draft)
    }

    private mutating func takeReference(_ segment: EDISegment) throws(FileFault) {
        guard let number = segment.value(2) else { return }
        let qualifier = segment.text(1)
        if line != nil {
            if ["PO", "BM", "SI", "CO", "VN", "CT", "OI", "IV", "VI"].contains(qualifier) { line?.alsoKnownAs.append(number) }
        } else if ["CK", "TN", "EF", "BB", "TRN"].contains(qualifier) {
            try onDraft { $0.advice.paymentReference = $0.advice.paymentReference ?? number }
        } else if ["CR", "AC", "TJ", "CU", "IA", "VR"].contains(qualifier) {
            try onDraft { $0.advice.payerIdentifiers.append(number) }
        }
    }

    private mutating func takeDate(_ segment: EDISegment) throws(FileFault) {
        guard let day = compactDay(segment.value(2)) else { return }
        if line != nil {
            if segment.text(1) == "003" { line?.issuedOn = day }
        } else {
            try onDraft { $0.advice.paidOn = $0.advice.paidOn ?? day }
        }
    }

    /// PR is the payer; PY and others name it in files of some banks, PE is us.
    private mutating func takeParty(_ segment: EDISegment) throws(FileFault) {
        let role = segment.text(1)
        guard ["PR", "PY", "BT", "RM"].contains(role) else { return }
        let isPayer = role == "PR" && !isEntity
        try onDraft { draft in
            if isPayer || draft.advice.payerName == nil {
                draft.advice.payerName = segment.value(2) ?? draft.advice.payerName
            }
            if let number = segment.value(4) { draft.advice.payerIdentifiers.append(number) }
        }
    }

    private mutating func takeLine(_ segment: EDISegment) throws(FileFault) {
        closeLine()
        guard let number = segment.value(2) else { return try onDraft { $0.find(segment.at.line, "a line (RMR) names no document") } }
        let kind: RemittanceAdvice.DocumentKind =
            switch segment.text(1) {
            case "CM", "CR", "CL": .creditNote
            case "DB", "DM", "DL": .debitNote
            case "PO", "OI": .order
            case "IV", "IN", "BM", "": .invoice
            default: .other
            }
        var read = RemittanceAdvice.Line(number, kind: kind)
        try onDraft { draft throws(FileFault) in
            if let paid = segment.value(4) { read.paid = try draft.money(paid, decimal: ".") }
            if let gross = segment.value(5) { read.gross = try draft.money(gross, decimal: ".") }
            if let discount = segment.value(6) { read.discount = try draft.money(discount, decimal: ".") }
            if let adjusted = segment.value(8) {
                let amount = try draft.money(adjusted, decimal: ".")
                read.deductions.append(.init(amount: Cited(-amount.value, amount.at), reason: segment.value(7)))
            }
        }
        line = read
    }

    /// Below a line it is that line's deduction, elsewhere a line of its own: below zero lowers the payment.
    private mutating func takeAdjustment(_ segment: EDISegment) throws(FileFault) {
        guard let text = segment.value(1) else { return }
        var open = line
        var own: RemittanceAdvice.Line?
        try onDraft { draft throws(FileFault) in
            let amount = try draft.money(text, decimal: ".")
            if open != nil {
                open?.deductions.append(.init(amount: Cited(-amount.value, amount.at), reason: segment.value(2)))
            } else if let name = segment.value(4) ?? segment.value(2) {
                own = RemittanceAdvice.Line(name, kind: .other)
                own?.paid = amount
            }
        }
        line = open
        if let own { drafts[drafts.count - 1].advice.lines.append(own) }
    }

    private mutating func closePayment() {
        closeLine()
        guard let last = drafts.indices.last else { return }
        drafts[last].advice.paidOn = drafts[last].advice.paidOn ?? paymentDay
    }

    private mutating func closeLine() {
        guard let told = line else { return }
        line = nil
        drafts[drafts.count - 1].advice.lines.append(told)
    }
}
