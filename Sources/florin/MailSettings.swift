import Connectors
import Foundation

/// `[mail]`.
extension ConfigurationReader {
    /// Who mails are from.
    func sender() throws -> String? {
        guard let address = try text("mail", "from") else { return nil }
        guard Mailer.isAddress(address) else { throw fault("from", "write one mail address, such as billing@example.com", of: "mail") }
        return address
    }

    /// The server, where one is named, else the folder; nil where neither is.
    func mailer() throws -> Mailer? {
        let folder = try text("mail", "folder"), user = try text("mail", "user"), password = try text("mail", "password")
        let tls = try flag("mail", "tls")
        guard let smtp = try text("mail", "smtp") else { return folder.map { .folder($0) } }
        guard smtp.hasPrefix("smtp://") || smtp.hasPrefix("smtps://") else {
            throw fault("smtp", "write smtp://host:587 or smtps://host:465", of: "mail")
        }
        let secret = ProcessInfo.processInfo.environment["FLORIN_SMTP_PASSWORD"] ?? password
        return .smtp(url: smtp, user: user ?? "", password: secret ?? "", tls: tls ?? true)
    }
}
