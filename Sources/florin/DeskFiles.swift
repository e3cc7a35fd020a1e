import Domain
import Formats
import Operations
import Store
import Web

/// A business "no" to a file, in the words of its reader, with the name that the sender gave it.
private struct FileRefusal: Refusal {
    let name: String
    let fault: FileFault
    var category: RefusalCategory { .invalid }
    var code: String { "file_unreadable" }
    var message: String { "\(name)\(fault.line.map { ", line \($0)" } ?? ""): \(fault.message)" }
}

/// Takes a file in that came through the desk, as `florin import` does with one on disk.
func takeFile(_ kind: ImportKind, _ file: UploadedFile, _ open: OpenBooks, by role: Role) async throws -> ImportOutcome {
    do {
        let paths = try inputPaths(file.path)
        // What an archive holds is taken whole or not at all.
        if kind == .bank, paths.count > 1 {
            for path in paths { _ = try surveyStatements(path, tables: open.configuration.statementTables) }
        }
        var outcomes: [(name: String, outcome: ImportOutcome)] = []
        for path in paths { outcomes.append((String(path.dropFirst(file.path.count + 1)), try await take(kind, path, open, role))) }
        return outcomes.count == 1 ? outcomes[0].outcome : together(outcomes)
    } catch let fault as FileFault {
        let member = fault.path.hasPrefix(file.path) ? fault.path.dropFirst(file.path.count) : ""
        throw FileRefusal(name: file.name + member, fault: fault)
    }
}

private func take(_ kind: ImportKind, _ path: String, _ open: OpenBooks, _ role: Role) async throws -> ImportOutcome {
    switch kind {
    case .bank: try await takeStatements(path, open)
    case .remittance: try await takeRemittance(path, open)
    case .orders: try await takeOrders(path, open)
    case .customers: try await takeCustomers(path, open, role)
    case .invoices: try await takeOpenItems(path, open)
    }
}

/// What the files of one archive gave: counts added up, other facts side by side.
private func together(_ outcomes: [(name: String, outcome: ImportOutcome)]) -> ImportOutcome {
    let names = outcomes.reduce(into: [String]()) { names, one in
        for fact in one.outcome.facts where !names.contains(fact.name) { names.append(fact.name) }
    }
    let facts = names.map { name in
        let values = outcomes.flatMap { $0.outcome.facts.filter { $0.name == name }.map(\.value) }, counts = values.compactMap { Int($0) }
        if counts.count == values.count { return (name: name, value: String(counts.reduce(0, +))) }
        return (name: name, value: Set(values).sorted().joined(separator: ", "))
    }
    return ImportOutcome(
        [(name: "Files", value: String(outcomes.count))] + facts,
        findings: outcomes.flatMap { one in one.outcome.findings.map { "\(one.name), \($0)" } })
}

private func takeStatements(_ path: String, _ open: OpenBooks) async throws -> ImportOutcome {
    let statements = try surveyStatements(path, tables: open.configuration.statementTables)
    let report = try await importStatements(path, statements, open)
    let carried = try await keepCarriedAdvices(path, open)
    let linked = try await open.write { try LinkRemittances(open.entity).run(in: $0, at: $1) }
    return ImportOutcome(
        [
            ("Statements", String(statements.count)), ("Account", Set(statements.map(\.header.account)).sorted().joined(separator: ", ")),
            ("New entries", String(report.entries)),
            ("Known before", String(report.known)), ("Receipts", String(report.receipts)), ("Returns", String(report.returns)),
            ("Given back", String(report.givenBack)), ("Told again with details", String(report.retold)),
            ("Other movements", String(report.debits)),
            ("Not booked yet", String(report.notBooked)), ("Advices in the file", String(carried?.file.advices.count ?? 0)),
            ("Advices linked to receipts", String(linked.count)),
        ],
        findings: (statements.flatMap(\.findings) + (carried?.file.advices.flatMap(\.findings) ?? [])).map {
            ($0.line.map { "line \($0): " } ?? "") + $0.message
        })
}

/// An advice links to its receipt at once where that is certain; otherwise when the receipt comes.
private func takeRemittance(_ path: String, _ open: OpenBooks) async throws -> ImportOutcome {
    let entity = open.entity
    let currency = try await open.database.read {
        try $0.first("SELECT currency FROM entity WHERE entity_id = \(entity)") { $0.currency(0) }
    }
    let (file, report) = try await keepRemittance(path, currency, nil, open)
    let linked = try await open.write { try LinkRemittances(entity).run(in: $0, at: $1) }
    return ImportOutcome(
        [
            ("Format", file.advices.first?.format ?? "none"), ("New advices", String(report.advices)),
            ("Known before", String(report.known)),
            ("Lines", String(report.lines)), ("Advices linked to receipts", String(linked.count)),
        ], findings: file.advices.flatMap(\.findings).map { ($0.line.map { "line \($0): " } ?? "") + $0.message })
}

private func takeOrders(_ path: String, _ open: OpenBooks) async throws -> ImportOutcome {
    let file = try readOrders(path), report = try await placeOrders(file.orders, open, title: "orders")
    return ImportOutcome(
        [
            ("Rows", String(file.rowCount)), ("Rows refused", String(file.refused.count)), ("New orders", String(report.placed)),
            ("Held", String(report.held)),
            ("Known before", String(report.known)), ("Customers created", String(report.customersCreated)),
        ],
        findings: file.refused.map { "line \($0.line ?? 0): \($0.message)" } + report.refused.map { "order \($0.externalID): \($0.reason)" }
            + report.differing.map {
                "order \($0.externalID) differs from what is in the books: nothing was changed; \(PlaceOrders.wayForward)"
            }
    )
}

private func takeCustomers(_ path: String, _ open: OpenBooks, _ role: Role) async throws -> ImportOutcome {
    let saved = try await saveCustomers(try readCustomers(path), open, by: role)
    return ImportOutcome(
        [("Created", String(saved.report.created)), ("Brought up to date", String(saved.report.changed))], findings: saved.findings)
}

private func takeOpenItems(_ path: String, _ open: OpenBooks) async throws -> ImportOutcome {
    let report = try await takeOver(try readOpeningItems(path), open)
    return ImportOutcome(
        [("Taken over", String(report.taken)), ("Known before", String(report.known)), ("Amount", amounts(report.totalMinor) ?? "none")],
        findings: report.findings)
}
