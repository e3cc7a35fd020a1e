import CLibCurl
import Domain
import Foundation
import Operations

/// Where mails go: a folder of `.eml` files, or an SMTP server.
package enum Mailer: Sendable {
    case folder(String)
    /// - url: `smtp://host:587` or `smtps://host:465`; `tls` refuses to go on without encryption.
    case smtp(url: String, user: String, password: String, tls: Bool)

    package struct Failure: Error, CustomStringConvertible {
        package let description: String
    }

    /// Delivers one message; the same message twice overwrites its file, or arrives with the same Message-ID.
    ///
    /// - Parameter end: Breaks it off, within about a second: a server that is slow keeps nobody.
    /// - Errors: `CancellationError` when it was broken off, and nobody knows whether it arrived; `Failure`.
    package func send(_ message: OutboxMessage, from: String, at now: Instant, until end: SendingEnd) throws {
        guard !message.recipient.isEmpty else {
            throw Failure(description: "the customer has no mail address: add one, or print the letter")
        }
        let text = MailMessage(from: from, to: message.recipient, message: message, sentAt: now).text
        switch self {
        case .folder(let path):
            do {
                try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
                try Data(text.utf8).write(to: URL(filePath: path).appending(path: "\(message.name).eml"), options: .atomic)
            } catch {
                throw Failure(description: "\(path): \(error.localizedDescription)")
            }
        case .smtp(let url, let user, let password, let tls):
            for address in [from, message.recipient] where !Self.isAddress(address) {
                throw Failure(description: "\(address.debugDescription) is no mail address: write one such as accounts@example.com")
            }
            var text = text, reason = [CChar](repeating: 0, count: Int(CURL_ERROR_SIZE))
            let context = Unmanaged.passRetained(end)
            defer { context.release() }
            let code = text.withUTF8 { bytes in
                bytes.withMemoryRebound(to: CChar.self) {
                    florin_send_mail(
                        url, user, password, tls ? 1 : 0, "<\(from)>", "<\(message.recipient)>", $0.baseAddress, $0.count,
                        { pointer, _, _, _, _ in
                            guard let pointer else { return 0 }
                            return Unmanaged<SendingEnd>.fromOpaque(pointer).takeUnretainedValue().isHere ? 1 : 0
                        }, context.toOpaque(), &reason)
                }
            }
            guard code != Int32(CURLE_ABORTED_BY_CALLBACK.rawValue) else { throw CancellationError() }
            guard code == 0 else {
                let text = reason.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
                throw Failure(description: "\(url): \(String(decoding: text, as: UTF8.self))")
            }
        }
    }

    /// One plain address: what else SMTP could read into it, such as another command or a second recipient, is not sent.
    package static func isAddress(_ text: String) -> Bool {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        return parts.count == 2 && parts.allSatisfy { !$0.isEmpty } && text.utf8.count <= 254
            && text.utf8.allSatisfy { (33...126).contains($0) && !"<>()[],;:\\\"".utf8.contains($0) }
    }
}
