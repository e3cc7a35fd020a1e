import Domain

/// Reads the advices of a text.
///
/// - Returns: At least one: more where the text tells of several payments, by number or by totals.
/// - Errors: `FileFault` for a file above 8 MiB, without a currency, or without any line that names a document and an amount.
func readRemittanceText(_ path: String, format: String, fallback: Currency?) throws(FileFault) -> [RemittanceAdvice] {
    let lines = try TextLines(path: path)
    var texts: [String] = [], size = 0
    while let text = try lines.next() {
        size += text.utf8.count + 1
        guard size <= PlacedText.byteBound else { throw FileFault(path: path, line: lines.number, "is above 8 MiB: is it the right file?") }
        texts.append(text)
    }
    // Some mails say in plain text no more than that they are to be read as HTML.
    let mail = MailText(texts), html = mail == nil ? nil : MailText(texts, wanted: "text/html")
    guard let html, let mail, html.lines != mail.lines else { return try advices(path, format, texts, mail, fallback) }
    do throws(FileFault) { return try advices(path, format, texts, mail, fallback) } catch {
        guard let read = try? advices(path, format, texts, html, fallback) else { throw error }
        return read
    }
}

private func advices(
    _ path: String, _ format: String, _ raw: [String], _ mail: MailText?, _ fallback: Currency?
) throws(FileFault) -> [RemittanceAdvice] {
    let encoded =
        mail != nil ? nil : mailEncoding(raw).map { FileFault(path: path, "is a mail whose text is encoded (\($0)): save it as text") }
    let texts = mail?.lines ?? raw
    guard let currency = statedCurrency(texts, fallback) ?? fallback else {
        throw encoded ?? FileFault(path: path, "names no currency: say it with --currency")
    }
    let reading = RemittanceReading(
        path: path, format: format, mail: mail, currency: currency, fallback: fallback, days: RemittanceWord.dayOrder(in: texts))
    var read: (drafts: [RemittanceDraft], line: Int)?
    for message in MailThread(texts).messages {
        if let told = read, message.firstLine == told.line { continue }
        let drafts = try reading.drafts(of: message)
        guard drafts.contains(where: { !$0.advice.lines.isEmpty }) else { continue }
        if read == nil {
            read = (drafts, message.firstLine)
        } else {
            read?.drafts[0].find(mail?.sourceLine(message.firstLine) ?? message.firstLine, "a mail that is quoted from here on: left out")
        }
    }
    guard let read else {
        throw encoded ?? FileFault(path: path, "no line names a document and an amount: it is no remittance advice")
    }
    return read.drafts.map { draft in
        var draft = draft
        return draft.finished()
    }
}

private struct RemittanceReading {
    let path: String
    let format: String
    let mail: MailText?
    let currency: Currency
    let fallback: Currency?
    let days: RemittanceWord.DayOrder

    /// The advices of a message; what stands before or behind the lines of a payment is read with it.
    func drafts(of message: MailThread.Message) throws(FileFault) -> [RemittanceDraft] {
        var found: [(range: Range<Int>, drafts: [RemittanceDraft])] = [], start = 0
        let ranges = paymentRanges(message.lines)
        for range in ranges {
            let drafts = try read(message, start..<range.upperBound, isWhole: ranges.count == 1)
            if drafts.contains(where: { !$0.advice.lines.isEmpty }) {
                found.append((start..<range.upperBound, drafts))
                start = range.upperBound
            }
        }
        if start < message.lines.count, let last = found.popLast() {
            let range = last.range.lowerBound..<message.lines.count
            found.append((range, try read(message, range, isWhole: ranges.count == 1 || found.isEmpty)))
        }
        var drafts = found.flatMap(\.drafts)
        for at in drafts.indices.dropFirst() {
            drafts[at].advice.payerName = drafts[at].advice.payerName ?? drafts[0].advice.payerName
        }
        return drafts
    }

    private func read(_ message: MailThread.Message, _ range: Range<Int>, isWhole: Bool) throws(FileFault) -> [RemittanceDraft] {
        let stated = isWhole ? currency : statedCurrency(Array(message.lines[range]), fallback ?? currency) ?? currency
        let sender = message.sender.map { sender in
            Cited(
                sender.name,
                mail?.citation(sender.line, sender.columns) ?? Citation(line: sender.line, columns: sender.columns))
        }
        var text = RemittanceText(
            RemittanceDraft(path: path, format: format, currency: stated, isWritten: true), mail, days: days, sender: sender)
        for at in range {
            let line = message.lines[at]
            if line.utf8.count <= RemittanceText.lineBound {
                try text.take(line, line: at + 1)
            } else {
                text.find(at + 1, "a line above 4,096 characters: left out")
            }
        }
        return text.settled()
    }
}

/// The currency named most often, by code or sign.
private func statedCurrency(_ lines: [String], _ likely: Currency?) -> Currency? {
    var counts: [Currency: Int] = [:]
    for line in lines {
        for word in line.split(whereSeparator: { !$0.isLetter }) where (2...5).contains(word.count) {
            if let currency = RemittanceWord.code(named: String(word)).flatMap({ Currency($0) }) { counts[currency, default: 0] += 1 }
        }
        for sign in line {
            if let currency = RemittanceWord.code(of: sign, likely: likely).flatMap({ Currency($0) }) { counts[currency, default: 0] += 1 }
        }
    }
    return counts.max { ($0.value, $1.key.code) < ($1.value, $0.key.code) }?.key
}

/// How a mail that is not plain text is encoded; nil for any other text.
private func mailEncoding(_ lines: [String]) -> String? {
    let name = "content-transfer-encoding:"
    let found = lines.prefix(200).first { $0.lowercased().hasPrefix(name) }.map { String($0.lowercased().dropFirst(name.count)).trimmed }
    return found == "base64" || found == "quoted-printable" ? found : nil
}
