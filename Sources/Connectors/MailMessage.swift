import Domain
import Operations

/// A mail as RFC 5322 writes it: UTF-8 text, headers encoded where they are not ASCII, lines ended by CRLF.
struct MailMessage {
    let from: String
    let to: String
    let message: OutboxMessage
    let sentAt: Instant

    var text: String {
        let domain = from.split(separator: "@").last.map(String.init) ?? "localhost"
        let headers = [
            "From: \(headerText(from))", "To: \(headerText(to.isEmpty ? "undisclosed-recipients:;" : to))",
            "Subject: \(encodedWord(headerText(message.subject)))", "Date: \(mailDate(sentAt))", "Message-ID: <\(message.key)@\(headerText(domain))>",
            "MIME-Version: 1.0", "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: 8bit",
        ]
        let body = message.body.replacing("\r\n", with: "\n").replacing("\n", with: "\r\n")
        return headers.joined(separator: "\r\n") + "\r\n\r\n" + body + "\r\n"
    }
}

/// No line break in a header: it would start another one.
private func headerText(_ text: String) -> String { String(text.map { $0.isNewline ? " " : $0 }) }

/// RFC 2047: `=?utf-8?B?…?=` when the text is not plain ASCII.
private func encodedWord(_ text: String) -> String {
    if text.utf8.allSatisfy({ (32...126).contains($0) }) { return text }
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
