import ArgumentParser
import Domain
import Formats
import Foundation
import Operations
import Store

struct ExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Writes the whole journal for another program to read and to check.",
        discussion: "Example: florin export hledger --output books.journal && hledger check -f books.journal")

    enum Shape: String, ExpressibleByArgument, CaseIterable { case hledger, beancount, csv }

    @OptionGroup var books: BooksOptions
    @Argument(help: "hledger, beancount or csv.") var shape: Shape
    @Option(help: "The file to write; standard output when left out.") var output: String?

    func run() async throws {
        try await explained {
            let open = try await books.open(toRead: true), entity = open.entity, shape = shape, output = output
            try await open.database.read { tx in
                let file = try JournalFile(output)
                let accounts = try JournalReading(entity).accounts(in: tx)
                try file.write(shape.head(accounts))
                try JournalReading(entity).entries(in: tx) { try file.write(shape.text($0)) }
                try file.close()
            }
            if let output { print("The journal is in \(output).") }
        }
    }
}

/// Writes beside the target and renames at the end: a broken export leaves no half file. A device or a pipe is written to as it stands.
private final class JournalFile {
    private let path: String?
    private let handle: FileHandle
    /// What becomes `path` at the end; nil where it is written to directly.
    private let part: String?
    private var buffer = Data()

    init(_ path: String?) throws {
        self.path = path
        guard let path else {
            (handle, part) = (.standardOutput, nil)
            return
        }
        var status = stat()
        let isStream = stat(path, &status) == 0 && status.st_mode & S_IFMT != S_IFREG
        let target = isStream ? path : path + ".part"
        guard isStream || FileManager.default.createFile(atPath: target, contents: nil), let handle = FileHandle(forWritingAtPath: target)
        else {
            throw Failure("\(path): cannot be written")
        }
        (self.handle, part) = (handle, isStream ? nil : target)
    }

    deinit { if let part { unlink(part) } }

    func write(_ text: String) throws {
        buffer.append(contentsOf: text.utf8)
        if buffer.count > 1 << 20 { try flush() }
    }

    func close() throws {
        try flush()
        guard let path else { return }
        try handle.close()
        if let part { guard rename(part, path) == 0 else { throw Failure("\(path): cannot be written") } }
    }

    private func flush() throws {
        do { try handle.write(contentsOf: buffer) } catch { throw Failure("\(path ?? "standard output"): \(error.localizedDescription)") }
        buffer.removeAll(keepingCapacity: true)
    }
}

extension ExportCommand.Shape {
    fileprivate func head(_ accounts: [JournalReading.AccountLine]) -> String {
        switch self {
        case .hledger:
            accounts.map { "account \($0.path)  ; type: \($0.hledgerType)\n" }.joined()
                + Set(accounts.flatMap(\.currencies)).sorted().map {
                    let decimals = Currency($0)?.exponent ?? 2
                    return "commodity 1000.\(String(repeating: "0", count: decimals)) \($0)\n"
                }.joined() + "\n"
        case .beancount:
            "option \"title\" \"Florin\"\n"
                + accounts.filter { !$0.currencies.isEmpty }.map { account in
                    """
                    \(account.firstOn ?? "1970-01-01") open \(account.beancountName) \(account.currencies.sorted().joined(separator: ","))\n
                    """
                }.joined() + "\n"
        case .csv: "entry,date,kind,memo,account,customer,currency,amount\n"
        }
    }

    fileprivate func text(_ entry: JournalReading.Entry) -> String {
        switch self {
        case .hledger:
            "\(entry.on) (\(entry.id)) \(entry.kind) \(entry.memo.plainMemo)\n"
                + entry.postings.map { "    \($0.path)  \($0.amount.decimal) \($0.amount.currency.code)\n" }.joined() + "\n"
        case .beancount:
            "\(entry.on) * \"\(entry.kind) \(entry.memo.plainMemo)\" ^entry-\(entry.id)\n"
                + entry.postings.map { "  \($0.beancountName)  \($0.amount.decimal) \($0.amount.currency.code)\n" }.joined() + "\n"
        case .csv:
            entry.postings.map {
                "\(entry.id),\(entry.on),\(entry.kind),\(csvText(entry.memo)),\($0.code),\(csvText($0.customer ?? "")),"
                    + "\($0.amount.currency.code),\($0.amount.decimal)\n"
            }.joined()
        }
    }
}

extension String {
    /// Without what starts a comment or ends a text in the journal formats.
    fileprivate var plainMemo: String { String(map { ";\"|\\\n\r".contains($0) ? " " : $0 }) }
}
