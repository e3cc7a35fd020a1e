import Domain

/// The messages that one mail holds below one another: its own text, and what it forwards or quotes.
struct MailThread {
    struct Message {
        /// As many lines as the mail; those of other messages are empty.
        var lines: [String]
        /// Of a message that is forwarded; a place in the lines.
        var sender: (name: String, line: Int, columns: Range<Int>)?
        /// Counted from 1.
        var firstLine: Int
    }

    /// Each message without what it quotes, and behind it the same with that, where it quotes.
    private(set) var messages: [Message] = []

    private static let senderLabels = [
        "from", "von", "de", "da", "van", "från", "fra", "od", "kimden", "lähettäjä", "gönderen", "expéditeur", "mittente",
    ]
    private static let otherLabels: Set<String> = [
        "sent", "date", "to", "subject", "cc", "gesendet", "datum", "an", "betreff", "envoyé", "à", "objet", "enviado", "enviado el",
        "fecha",
        "para", "asunto", "inviato", "data", "a", "oggetto", "verzonden", "aan", "onderwerp", "skickat", "till", "ämne", "sendt", "til",
        "emne",
        "wysłano", "do", "temat", "odesláno", "komu", "předmět", "gönderildi", "kime", "konu", "lähetetty", "vastaanottaja", "aihe",
        "assunto",
    ]
    private static let replyWords = [
        "wrote", "schrieb", "a écrit", "escribió", "ha scritto", "schreef", "skrev", "napisał", "napsal", "escreveu",
    ]
    private static let replyMarks = ["re:", "aw:", "sv:", "antw:", "odp:", "ynt:", "vs:", "réf:", "rif:"]

    init(_ lines: [String]) {
        let head = Self.isField(lines.first ?? "") ? lines.firstIndex { $0.trimmed.isEmpty } ?? lines.count : 0
        var starts: [(at: Int, sender: Message)] = [(0, Message(lines: [], sender: nil, firstLine: 1))]
        for at in lines.indices where at > 0 && at >= head {
            let text = Self.unquoted(lines[at])
            if let label = Self.label(text), Self.senderLabels.contains(label),
                lines[(at + 1)..<min(at + 6, lines.count)].count(where: { Self.otherLabels.contains(Self.label(Self.unquoted($0)) ?? "") })
                    > 1
            {
                starts.append((at, Message(lines: [], sender: Self.sender(text, at + 1), firstLine: at + 1)))
            } else if text.trimmed.hasSuffix(":"), Self.replyWords.contains(where: text.lowercased().contains) {
                starts.append((at, Message(lines: [], sender: nil, firstLine: at + 1)))
            }
        }
        let subject = lines[..<head].first { $0.lowercased().hasPrefix("subject:") }?.dropFirst(8).lowercased() ?? ""
        let isReply = Self.replyMarks.contains(where: String(subject).trimmed.hasPrefix)
        for (order, start) in starts.enumerated() {
            let end = order + 1 < starts.count ? starts[order + 1].at : lines.count
            var whole = [String](repeating: "", count: lines.count)
            for at in start.at..<end { whole[at] = Self.unquoted(lines[at]) }
            var message = start.sender
            if order > 0, isReply || message.sender == nil {
                // What a reply quotes is not its sender's, who pays.
                for at in lines[..<head].indices { whole[at] = lines[at] }
                if message.sender != nil { whole[start.at] = "" }
                message.sender = nil
            }
            var own = whole
            for at in start.at..<end where Self.isQuoted(lines[at]) { own[at] = "" }
            if own != whole, !(start.at..<end).allSatisfy({ Self.isQuoted(lines[$0]) || lines[$0].trimmed.isEmpty }) {
                message.lines = own
                messages.append(message)
            }
            message.lines = whole
            messages.append(message)
        }
    }

    private static func isQuoted(_ line: String) -> Bool { line.first { !$0.isWhitespace } == ">" }

    /// With blanks where marks of a quotation stand.
    private static func unquoted(_ line: String) -> String {
        guard isQuoted(line) else { return line }
        let lead = line.prefix { $0 == ">" || $0.isWhitespace }
        return String(repeating: " ", count: lead.count) + line.dropFirst(lead.count)
    }

    private static func isField(_ line: String) -> Bool {
        guard let colon = line.firstIndex(of: ":"), colon > line.startIndex else { return false }
        return line[..<colon].allSatisfy { $0.isASCII && !$0.isWhitespace }
    }

    private static func label(_ line: String) -> String? {
        line.firstIndex(of: ":").map { line[..<$0].lowercased().filter { $0 != "*" }.trimmed }
    }

    private static func sender(_ text: String, _ line: Int) -> (name: String, line: Int, columns: Range<Int>)? {
        guard let colon = text.firstIndex(of: ":") else { return nil }
        let rest = text[text.index(after: colon)...], lead = rest.prefix { $0.isWhitespace || $0 == "\"" || $0 == "*" }
        let name = String(rest.dropFirst(lead.count).prefix { $0 != "<" && $0 != "[" && $0 != "\"" }).trimmed
        guard !name.isEmpty else { return nil }
        let start = text.distance(from: text.startIndex, to: colon) + 2 + lead.count
        return (name, line, start..<start + name.count)
    }
}

/// Where the payments of a text begin: at a label that numbers a payment other than the one whose amounts stand before it.
func paymentRanges(_ lines: [String]) -> [Range<Int>] {
    var starts = [0], known: Set<String> = [], hasAmounts = false
    for (at, text) in lines.enumerated() where text.utf8.count <= RemittanceText.lineBound {
        let words = RemittanceWord.words(of: text), lower = text.lowercased().trimmed
        defer { hasAmounts = hasAmounts || words.contains { $0.amount != nil } }
        guard RemittanceHeading.paymentNumberWords.contains(where: lower.hasPrefix),
            let number = words.first(where: { $0.document != nil })?.document
        else { continue }
        if hasAmounts, !known.isEmpty, !known.contains(number) {
            starts.append(at)
            (known, hasAmounts) = ([], false)
        }
        known.insert(number)
    }
    return zip(starts, starts.dropFirst() + [lines.count]).map { $0..<$1 }
}
