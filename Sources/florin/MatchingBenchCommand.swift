import ArgumentParser
import Domain
import Formats
import Foundation
import Simulation

extension BenchCommand {
    struct Matching: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "matching",
            abstract: "Cash application judged by the truth: precision, touchless share, speed; the last line is one JSON object.",
            discussion: """
                Makes a world of the difficulty named, or reads one from a folder of customers.csv, open_items.csv, receipts.csv and \
                truth.csv.
                The goal of no wrong posting is the strict policy's; `run cash` takes standard where the settings name none.
                Difficulties: \(ReceiptMix.all.map(\.name).joined(separator: ", ")).
                Example: florin bench matching --receipts 100000 --difficulty realistic
                """)

        @Option(help: "How many receipts to make.") var receipts = 100_000
        @Option(help: "How hard the world is.") var difficulty = "realistic"
        @Option(help: "Decides the world that is made.") var seed: UInt64 = 1
        @Option(help: "A folder that holds somebody else's world.") var world: String?
        @Option(help: "strict posts whole items only, standard part payments and overpayments of known payers too.") var policy = Policy
            .strict
        @Option(help: "Run the receipts through these books instead: a new SQLite file, or postgres://… for PostgreSQL.") var database:
            String?
        @Option(
            help: """
                A CSV file for what became of each receipt: receipt_id, item_id, settled_minor, rest_minor, rule, reason (why it waits), \
                verdict (right or wrong, where the truth is known).
                """) var decisions: String?

        enum Policy: String, ExpressibleByArgument, CaseIterable {
            case strict, standard
            var value: MatchPolicy { self == .strict ? .strict : .standard }
        }

        func run() async throws {
            try await explained {
                let loaded = try load()
                if let database {
                    guard decisions == nil else { throw ValidationError("--decisions goes without --database") }
                    var bench = BooksMatchingBench(loaded.world, try await openDatabase(database), policy.value)
                    try await bench.run()
                    return print(MatchingBenchReport(bench.judged, loaded, policy: policy.rawValue, system: bench.system).text)
                }
                let writer = try decisions.map { try DecisionFile($0, loaded.receiptIDs, loaded.itemIDs) }
                var bench = MatchingBench(
                    loaded.world, policy.value, hasTruth: loaded.hasTruth, told: writer.map { writer in { try writer.write($0, $1) } })
                var progress = Progress("receipts", of: loaded.world.receipts.count)
                try bench.run { progress.show($0) }
                progress.end()
                try writer?.close()
                print(MatchingBenchReport(bench, loaded, policy: policy.rawValue).text)
            }
        }

        struct Loaded {
            let world: ReceiptWorld
            let name: String
            var hasTruth = true
            var receiptIDs: [String] = []
            var itemIDs: [String] = []
        }

        private func load() throws -> Loaded {
            if let world {
                let files = try ReceiptWorldFiles(folder: world) { FileManager.default.fileExists(atPath: $0) }
                for note in files.notes { FileHandle.standardError.write(Data("note: \(note)\n".utf8)) }
                return Loaded(
                    world: files.world, name: world, hasTruth: files.hasTruth, receiptIDs: files.receiptIDs, itemIDs: files.itemIDs)
            }
            guard let mix = ReceiptMix.named(difficulty) else {
                throw ValidationError("--difficulty \(difficulty): write one of \(ReceiptMix.all.map(\.name).joined(separator: ", "))")
            }
            guard (1...10_000_000).contains(receipts) else { throw ValidationError("--receipts takes 1 to 10000000") }
            var maker = ReceiptWorldMaker(mix, seed: seed)
            return Loaded(world: maker.world(receipts: receipts), name: difficulty)
        }
    }
}

/// What was posted, what waits and why, as a CSV file for another judge.
private final class DecisionFile {
    private let file: FileHandle
    private let receiptIDs, itemIDs: [String]
    private var waiting = "receipt_id,item_id,settled_minor,rest_minor,rule,reason,verdict\n"

    init(_ path: String, _ receiptIDs: [String], _ itemIDs: [String]) throws {
        guard FileManager.default.createFile(atPath: path, contents: nil), let file = FileHandle(forWritingAtPath: path) else {
            throw Failure("\(path): cannot be written")
        }
        (self.file, self.receiptIDs, self.itemIDs) = (file, receiptIDs, itemIDs)
    }

    func write(_ at: Int, _ decision: MatchingBench.Decision) throws {
        let receipt = csvText(receiptIDs.isEmpty ? String(at + 1) : receiptIDs[at])
        if let match = decision.match {
            let rule = match.rule.rawValue, verdict = decision.isRight.map { $0 ? "right" : "wrong" } ?? ""
            for line in match.lines {
                let item = csvText(itemIDs.isEmpty ? String(line.itemID) : itemIDs[Int(line.itemID) - 1])
                waiting += "\(receipt),\(item),\(line.amount.minor),,\(rule),,\(verdict)\n"
            }
            if match.rest.minor > 0 { waiting += "\(receipt),,,\(match.rest.minor),\(rule),,\(verdict)\n" }
        } else {
            waiting += "\(receipt),,,,,\(csvText(decision.reason)),\n"
        }
        if waiting.utf8.count > 1 << 20 { try flush() }
    }

    func close() throws {
        try flush()
        try file.close()
    }

    private func flush() throws {
        try file.write(contentsOf: Data(waiting.utf8))
        waiting = ""
    }
}

/// The yardstick's figures, for people and, in the last line, for programs.
struct MatchingBenchReport {
    private let bench: MatchingBench
    private let loaded: BenchCommand.Matching.Loaded
    private let policy, system: String

    init(_ bench: MatchingBench, _ loaded: BenchCommand.Matching.Loaded, policy: String, system: String = "florin") {
        (self.bench, self.loaded, self.policy, self.system) = (bench, loaded, policy, system)
    }

    var text: String {
        let score = bench.score
        func share(_ part: Int, _ whole: Int) -> String { String(format: "%.2f %%", whole == 0 ? 0 : Double(part) * 100 / Double(whole)) }
        var lines = [
            """
            \(loaded.name): \(loaded.world.receipts.count) receipts against \(loaded.world.items.count) open items of \
            \(loaded.world.customers.count) customers
            """,
            "posted              \(score.posted) receipts, \(score.postedLines) lines",
        ]
        if loaded.hasTruth {
            lines += [
                """
                precision           \(share(score.touchlessPayments, score.posted)) of the receipts posted are right; \
                \(score.wrongPostings) wrong
                """,
                "  of these          \(score.differencesOpen) put the cash where it was meant, and leave open what the payer kept back",
                "recall per payment  \(share(score.touchlessPayments, score.receipts))",
                "recall per line     \(share(score.touchlessLines, score.lines))",
            ]
        }
        for (rule, count) in score.rules.sorted(by: { ($1.value, $0.key) < ($0.value, $1.key) }) { lines.append("  \(rule) \(count)") }
        lines.append("left to a person    \(score.receipts - score.posted)")
        for (reason, count) in score.reasons.sorted(by: { ($1.value, $0.key) < ($0.value, $1.key) }).prefix(15) {
            lines.append("  \(count) \(reason)")
        }
        return (lines + bench.faults + [json]).joined(separator: "\n")
    }

    private var json: String {
        let score = bench.score
        func ratio(_ part: Int, _ whole: Int) -> String { String(format: "%.6f", whole == 0 ? 0 : Double(part) / Double(whole)) }
        let fields: [(String, String)] = [
            ("system", quoted(system)), ("world", quoted(loaded.name)), ("policy", quoted(policy)), ("receipts", String(score.receipts)),
            ("items", String(loaded.world.items.count)), ("lines", String(score.lines)), ("wrong_postings", String(score.wrongPostings)),
            ("wrong_minor", String(score.wrongMinor)), ("differences_open", String(score.differencesOpen)),
            ("touchless_payments", String(score.touchlessPayments)),
            ("touchless_lines", String(score.touchlessLines)), ("touchless_per_payment", ratio(score.touchlessPayments, score.receipts)),
            ("touchless_per_line", ratio(score.touchlessLines, score.lines)), ("precision", ratio(score.touchlessPayments, score.posted)),
            ("engine_s", String(format: "%.3f", bench.engineSeconds)),
            ("receipts_per_s", String(format: "%.0f", Double(score.receipts) / max(bench.engineSeconds, 1e-9))),
            ("rss_mb", String(peakMemory())),
            ("judged", loaded.hasTruth ? "true" : "false"),
        ]
        return "{" + fields.map { "\(quoted($0.0)):\($0.1)" }.joined(separator: ",") + "}"
    }
}
