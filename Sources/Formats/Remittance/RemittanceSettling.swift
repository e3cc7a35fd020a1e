import Domain

/// What only the whole text tells: signs, what is paid where no line says it, and where one payment ends.
extension RemittanceText {
    /// The text's advice, or one a payment where each part of the text adds up to a total of its own.
    mutating func settled() -> [RemittanceDraft] {
        closeBlock()
        draft.advice.paidOn = draft.advice.paidOn ?? sentOn
        draft.advice.total = draft.advice.total ?? lump
        takeSides()
        takeLess()
        takeUnsaid()
        takeCreditNumbers()
        turnAll()
        for told in unnamed where told.amounts.count > 1 || told.amounts.first != draft.advice.total?.value {
            find(told.line, "an amount without a document, left out: \(told.text.prefix(80))")
        }
        let count = draft.advice.lines.count
        takeLabels()
        return draft.advice.lines.count == count ? parts() : [draft]
    }

    /// What the lines pay, credit notes without a sign taken off.
    private func sum(_ lines: [RemittanceAdvice.Line]) -> Int64 {
        lines.reduce(0) { sum, line in
            let minor = (line.paid ?? line.gross)?.value.minor ?? 0
            return line.kind == .creditNote && minor > 0 ? sum - minor : sum + minor
        }
    }

    /// Marks and columns of debit and credit: whichever makes up the total. Nothing said, a marked credit lowers the other lines, and
    /// where all are marked the larger side is paid.
    private mutating func takeSides() {
        guard !sides.isEmpty else { return }
        func turned(isCreditBelow: Bool) -> [RemittanceAdvice.Line] {
            var lines = draft.advice.lines
            for (at, isCredit) in sides { lines[at].sign(isBelow: isCredit == isCreditBelow) }
            return lines
        }
        let below = sum(turned(isCreditBelow: true)), above = sum(turned(isCreditBelow: false)), total = draft.advice.total?.value.minor
        let isPartly = sides.count < draft.advice.lines.count
        draft.advice.lines = turned(isCreditBelow: total == below || total != above && (isPartly || below > above))
    }

    /// Lines that say `100.00 less 5.00`: the total tells whether the amount before is what is paid; where it does not, what is deducted
    /// lowers it, and a discount was taken already.
    private mutating func takeLess() {
        let stated = sum(draft.advice.lines), total = draft.advice.total?.value.minor
        let reduced = lessened.reduce(stated) { $0 - draft.advice.lines[$1.line].less }
        for (at, isDiscount) in lessened {
            var line = draft.advice.lines[at]
            guard let paid = line.paid else { continue }
            let less = Money(minor: line.less, draft.advice.currency)
            if total == reduced || total != stated && !isDiscount {
                (line.gross, line.paid) = (paid, Cited(Money(minor: paid.value.minor - less.minor, less.currency), paid.at))
            } else if total == stated {
                line.gross = Cited(Money(minor: paid.value.minor + less.minor, less.currency), paid.at)
            } else {
                draft.find(
                    paid.at.line,
                    """
                    \(line.document.value): \(paid.value.readable) less \(less.readable), and no total tells whether that is taken off: \
                    read as paid
                    """
                )
            }
            draft.advice.lines[at] = line
        }
    }

    /// Rows that say what is kept and in no column what is paid: gross less that, unless the amounts themselves make up the total.
    private mutating func takeUnsaid() {
        func rest(_ line: RemittanceAdvice.Line, _ gross: Int64) -> Int64 { gross < 0 ? gross + abs(line.less) : gross - abs(line.less) }
        let open = unsaid.filter { draft.advice.lines[$0].paid == nil }
        let stated = sum(draft.advice.lines), total = draft.advice.total?.value.minor
        let reduced = open.reduce(stated) { sum, at in
            let line = draft.advice.lines[at], gross = line.gross?.value.minor ?? 0
            return sum - gross + rest(line, gross)
        }
        let isNet = !isGrossHeaded && total == stated && total != reduced
        for at in open {
            var line = draft.advice.lines[at]
            guard let gross = line.gross else { continue }
            if isNet {
                line.paid = gross
                let before = gross.value.minor < 0 ? gross.value.minor - abs(line.less) : gross.value.minor + abs(line.less)
                line.gross = Cited(Money(minor: before, gross.value.currency), gross.at)
            } else {
                line.paid = Cited(Money(minor: rest(line, gross.value.minor), gross.value.currency), gross.at)
                if !isGrossHeaded, total != reduced {
                    draft.find(
                        gross.at.line,
                        "\(line.document.value): no column says what is paid; \(gross.value.readable) less what is kept is taken")
                }
            }
            draft.advice.lines[at] = line
        }
    }

    /// `CM-4410` below zero is a credit note, and one above zero where only that makes up the total.
    private mutating func takeCreditNumbers() {
        let named = draft.advice.lines.indices.filter { at in
            draft.advice.lines[at].kind == .invoice && RemittanceHeading.isCreditNumber(draft.advice.lines[at].document.value)
        }
        for at in named where (draft.advice.lines[at].paid?.value.minor ?? 0) < 0 { draft.advice.lines[at].kind = .creditNote }
        let open = named.filter { (draft.advice.lines[$0].paid?.value.minor ?? 0) > 0 }
        var lines = draft.advice.lines
        for at in open { lines[at].sign(isBelow: true) }
        if let total = draft.advice.total?.value.minor, sum(draft.advice.lines) != total, sum(lines) == total { draft.advice.lines = lines }
    }

    /// Some payers write what they owe below zero throughout.
    private mutating func turnAll() {
        guard let total = draft.advice.total?.value.minor, total > 0, sum(draft.advice.lines) == -total else { return }
        for at in draft.advice.lines.indices {
            draft.advice.lines[at].paid = draft.advice.lines[at].paid.map { Cited(-$0.value, $0.at) }
            draft.advice.lines[at].gross = draft.advice.lines[at].gross.map { Cited(-$0.value, $0.at) }
        }
    }

    private func parts() -> [RemittanceDraft] {
        let lines = draft.advice.lines
        func addsUp(_ part: RemittanceDraft) -> Bool {
            var part = part
            let advice = part.finished()
            return advice.total != nil && advice.paidByLines == advice.total?.value
        }
        func cut(at cuts: [Int], isBehind: Bool) -> [RemittanceDraft]? {
            guard cuts.count > 2, cuts.first == 0, cuts.last == lines.count else { return nil }
            var found: [RemittanceDraft] = []
            for (start, end) in zip(cuts, cuts.dropFirst()) {
                let told = totals.filter { $0.lineCount == (isBehind ? end : start) }.map { total in
                    var part = draft
                    (part.advice.lines, part.advice.total) = (Array(lines[start..<end]), total.total)
                    return part
                }
                guard let part = told.first(where: addsUp) else { return nil }
                found.append(part)
            }
            return found
        }
        guard totals.count > 1, !addsUp(draft) else { return [draft] }
        let counts = Set(totals.map(\.lineCount)).union([0, lines.count]).sorted()
        let stated = counts.filter { count in count == lines.count || totals.contains { $0.lineCount == count } }
        guard var found = cut(at: counts, isBehind: true) ?? cut(at: stated, isBehind: false) else { return [draft] }
        for at in found.indices {
            if at > 0 { found[at].advice.paymentReference = nil }
            found[at].find(
                found[at].advice.total?.at.line,
                "one of \(found.count) payments of one text: only the first has what stands before its lines")
        }
        return found
    }
}

extension RemittanceAdvice.Line {
    /// Sets all amounts of a line above or below zero.
    fileprivate mutating func sign(isBelow: Bool) {
        func signed(_ money: Cited<Money>) -> Cited<Money> {
            let above = unsigned(money)
            return isBelow ? Cited(-above.value, above.at) : above
        }
        (paid, gross) = (paid.map(signed), gross.map(signed))
        if isBelow { kind = .creditNote }
    }
}
