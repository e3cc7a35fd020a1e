import Domain
import Operations

/// A mail as RFC 5322 writes it: UTF-8 text as it is shown, headers encoded where they are not ASCII, lines ended by CRLF.
struct MailMessage {
    let from: String
    let to: String
    let message: OutboxMessage
    let sentAt: Instant

    var text: String {
        let domain = from.split(separator: "@").last.map(String.init) ?? "localhost"
        let lines = bodyLines(message.body).map(\.shown), isPlain = lines.allSatisfy { $0.utf8.count <= lineLimit }
        let headers = [
            "From: \(headerText(from))", "To: \(headerText(to))",
            "Subject: \(encodedWord(headerText(message.subject).shown))", "Date: \(mailDate(sentAt))",
            "Message-ID: <\(message.name)@\(headerText(domain))>",
            "MIME-Version: 1.0", "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: \(isPlain ? "8bit" : "base64")",
        ]
        let body = lines.map { $0 + "\r\n" }.joined()
        return headers.joined(separator: "\r\n") + "\r\n\r\n" + (isPlain ? body : base64Lines(body))
    }
}

extension OutboxMessage {
    /// What a letter is called where those of all legal entities come together: its file, its Message-ID. Those of the first are called by
    /// their key alone, as they always were: one whose sending is cut off by an upgrade comes again under its name.
    var name: String { entity.value == 1 ? key : "\(key)-\(entity.value)" }
}

/// RFC 5322 allows 998 bytes a line; servers refuse longer ones.
private let lineLimit = 990

/// No line break or control character in a header: it would start another one.
private func headerText(_ text: String) -> String {
    String(String.UnicodeScalarView(text.unicodeScalars.map { isControl($0) ? " " : $0 }))
}

/// Every kind of line end becomes one, and NUL goes: a lone CR or LF could end the message for one server and not for the next.
private func bodyLines(_ text: String) -> [String] {
    var lines = [String.UnicodeScalarView()], last: Unicode.Scalar?
    for scalar in text.unicodeScalars {
        switch scalar {
        case "\n" where last == "\r", "\0": break
        case "\n", "\r": lines.append(String.UnicodeScalarView())
        default: lines[lines.count - 1].append(scalar)
        }
        last = scalar
    }
    return lines.map { String($0) }
}

private func base64Lines(_ text: String) -> String {
    let bytes = Array(text.utf8)
    return stride(from: 0, to: bytes.count, by: 57).map { base64(Array(bytes[$0..<min($0 + 57, bytes.count)])) + "\r\n" }.joined()
}

func isControl(_ scalar: Unicode.Scalar) -> Bool {
    scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value) || [0x2028, 0x2029].contains(scalar.value)
}

/// RFC 2047: `=?utf-8?B?…?=` when the text is not plain ASCII, or too long for one line.
private func encodedWord(_ text: String) -> String {
    if text.utf8.count <= lineLimit - "Subject: ".utf8.count, text.utf8.allSatisfy({ (32...126).contains($0) }) { return text }
    var words: [String] = [], part: [UInt8] = []
    for character in text {
        // 45 bytes make 60 characters, so that no word passes the 75 that RFC 2047 allows.
        if part.count + character.utf8.count > 45 {
            words.append(base64(part))
            part.removeAll()
        }
        part += Array(character.utf8)
    }
    words.append(base64(part))
    return words.map { "=?utf-8?B?\($0)?=" }.joined(separator: "\r\n ")
}

private func base64(_ bytes: [UInt8]) -> String {
    let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    var text: [UInt8] = []
    for start in stride(from: 0, to: bytes.count, by: 3) {
        let group = (0..<3).reduce(0) { $0 << 8 | (start + $1 < bytes.count ? Int(bytes[start + $1]) : 0) }
        for place in 0..<4 { text.append(start + place > bytes.count ? UInt8(ascii: "=") : digits[group >> (18 - 6 * place) & 63]) }
    }
    return String(decoding: text, as: UTF8.self)
}

private func mailDate(_ instant: Instant) -> String {
    let day = Day(number: Int(instant.microseconds / 86_400_000_000)), (year, month, number) = day.parts
    let weekday = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"][day.weekday.rawValue]
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    return "\(weekday), \(number) \(months[month - 1]) \(year) \(instant.iso8601.dropFirst(11).prefix(8)) +0000"
}
