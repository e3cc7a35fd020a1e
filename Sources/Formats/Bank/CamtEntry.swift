import Domain

extension CamtStatement {
    /// Reads one `Ntry`.
    mutating func entry(_ ntry: XMLElement) throws(FileFault) -> BankEntry {
        let amount = try signedAmount(ntry)
        let bookedOn = try bookingDay(ntry)
        let isReversal = ["true", "1"].contains(ntry.text("RvslInd"))
        let status = status(ntry)
        var details = ntry.children("NtryDtls").flatMap { $0.children("TxDtls") }
        var transactions = details.map { transaction($0, of: ntry, amount, isReversal) }
        if transactions.isEmpty {
            let words = oneLine(ntry.text("AddtlNtryInf") ?? "")
            transactions = [BankEntry.Transaction(amount: amount, remittance: words, returnReason: returnReason(nil, of: ntry))]
        }
        // What one transaction states is the entry, however many more of it are written without an amount.
        let stated = transactions.indices.filter { transactions[$0].amount != nil }
        if transactions.count > 1, stated.count == 1, transactions[stated[0]].amount == amount {
            (transactions, details) = ([transactions[stated[0]]], [details[stated[0]]])
        }
        if transactions.count == 1 && transactions[0].amount == nil { transactions[0].amount = amount }
        let wording = transactions.first.map { BankEntry.Wording($0) }
        for (at, part) in details.enumerated() { transactions[at].addNumbers(of: part) }
        if details.isEmpty { transactions[0].addBatches(of: ntry) }
        takeCharges(&transactions, amount, ntry, details)
        check(transactions, amount, ntry)
        if amount.currency == header.currency {
            all.add(amount)
            if status == .booked { booked.add(amount) }
        } else {
            hasForeignEntries = true
            let currency = header.currency?.code ?? "no currency"
            find(ntry.line, "entry in \(amount.currency.code) on an account in \(currency): not in the sums")
        }
        var entry = BankEntry(
            amount: amount, status: status, bookedOn: bookedOn, valueOn: valueDay(ntry) ?? bookedOn, isReversal: isReversal,
            reference: reference(ntry.text("AcctSvcrRef")), transactions: transactions)
        if let wording, wording.remittance != transactions[0].remittance { entry.wording = wording }
        return entry
    }

    /// Takes the charges off the transactions where they, and nothing else, are what these differ from their entry by; where they are off
    /// already, the amount instructed must say so. Those of the entry itself belong to its largest transaction.
    private mutating func takeCharges(
        _ transactions: inout [BankEntry.Transaction], _ amount: Money, _ ntry: XMLElement, _ details: [XMLElement]
    ) {
        let parts = transactions.compactMap { $0.amount?.minor }
        guard parts.count == transactions.count, let largest = parts.indices.max(by: { parts[$0].magnitude < parts[$1].magnitude })
        else { return }
        var charges = parts.map { _ in Int128(0) }
        for (at, part) in details.enumerated() { charges[at] = self.charges(part, in: amount.currency) }
        charges[largest] += self.charges(ntry, in: amount.currency)
        let difference = Int128(amount.minor) - parts.reduce(Int128(0)) { $0 + Int128($1) }
        if difference == 0 {
            for (at, charge) in charges.enumerated() where charge < 0 {
                let sent = Int128(parts[at]) - charge
                guard instructed(details.count > at ? details[at] : ntry, in: amount.currency) == Int128(sent.magnitude) else { continue }
                transactions[at].charges = Money(minor: Int64(charge), amount.currency)
            }
        }
        guard difference != 0, charges.reduce(0, +) == difference else { return }
        let net = zip(parts, charges).map { Int128($0) + $1 }
        guard net.allSatisfy({ $0.magnitude <= Money.entryBound.magnitude }) else { return }
        for at in transactions.indices {
            transactions[at].amount = Money(minor: Int64(net[at]), amount.currency)
            if charges[at] < 0 { transactions[at].charges = Money(minor: Int64(charges[at]), amount.currency) }
        }
    }

    /// What was to be paid, without sign; nil in another currency.
    private mutating func instructed(_ part: XMLElement, in currency: Currency) -> Int128? {
        guard let element = part.at("AmtDtls", "InstdAmt", "Amt"), element.attribute("Ccy") == currency.code else { return nil }
        return (try? amount(element)).map { Int128($0.minor) }
    }

    /// Credits less debits of `Chrgs`: an amount of its own up to version 02, records since.
    private mutating func charges(_ part: XMLElement, in currency: Currency) -> Int128 {
        var sum: Int128 = 0
        for charge in part.children("Chrgs") {
            let records = charge.children("Rcrd")
            for record in records + [charge] {
                let total = records.isEmpty ? record.child("TtlChrgsAndTaxAmt") : nil
                guard let element = record.child("Amt") ?? total, element.attribute("Ccy") == currency.code,
                    let stated = try? amount(element)
                else { continue }
                sum += record.text("CdtDbtInd") == "CRDT" ? Int128(stated.minor) : -Int128(stated.minor)
            }
        }
        return sum
    }

    private mutating func check(_ transactions: [BankEntry.Transaction], _ amount: Money, _ ntry: XMLElement) {
        var sum: Int128 = 0
        for transaction in transactions {
            guard let part = transaction.amount else { return }
            sum += Int128(part.minor)
        }
        guard sum != Int128(amount.minor) else { return }
        func text(_ minor: Int128) -> String { readableText(minor, amount.currency) }
        find(
            ntry.line,
            "transactions do not add up to their entry: sum \(text(sum)), entry \(text(Int128(amount.minor))) "
                + "\(amount.currency.code), difference \(text(Int128(amount.minor) - sum))")
    }

    /// Text up to version 07, `Cd` or `Prtry` since; the code set's FUTR is pending here.
    private mutating func status(_ ntry: XMLElement) -> BankEntry.Status {
        let code = ntry.text("Sts", "Cd") ?? ntry.text("Sts", "Prtry") ?? ntry.text("Sts")
        if let status = code.flatMap(BankEntry.Status.init(rawValue:)) { return status }
        if code == "FUTR" { return .pending }
        let taken: BankEntry.Status = code == nil && header.format.hasPrefix("camt.053") ? .booked : .information
        find(ntry.line, "entry status \(code ?? "missing"): taken as \(taken.rawValue)")
        return taken
    }

    private func bookingDay(_ ntry: XMLElement) throws(FileFault) -> Day {
        if let text = dayText(ntry.child("BookgDt")) {
            guard let day = Day(text) else { throw fault(ntry, "booking date \(text) is not a date") }
            return day
        }
        guard let day = dayText(ntry.child("ValDt")).flatMap({ Day($0) }) ?? lastDay ?? header.createdOn else {
            throw fault(ntry, "the entry has no booking date, no value date, and the statement neither period nor creation date")
        }
        return day
    }

    private mutating func valueDay(_ ntry: XMLElement) -> Day? {
        guard let text = dayText(ntry.child("ValDt")) else { return nil }
        let day = Day(text)
        if day == nil { find(ntry.line, "value date \(text) is not a date: the booking date is taken") }
        return day
    }
}

/// The date part of `Dt` or `DtTm`, as written.
func dayText(_ choice: XMLElement?) -> Substring? { (choice?.text("Dt") ?? choice?.text("DtTm"))?.prefix(10) }

extension CamtStatement {
    private mutating func transaction(
        _ details: XMLElement, of ntry: XMLElement, _ entryAmount: Money, _ isReversal: Bool
    ) -> BankEntry.Transaction {
        let isDebit = details.text("CdtDbtInd").map { $0 == "DBIT" } ?? (entryAmount.minor < 0)
        let reason = returnReason(details, of: ntry)
        let isTakenBack = isReversal || reason != nil || details.child("RtrInf") != nil
        let party = counterparty(details, isCreditor: isDebit != isTakenBack, isTakenBack)
        let remittance = Remittance(details.child("RmtInf"), symbol: variableSymbol(details))
        let isTold = !remittance.text.isEmpty || remittance.reference != nil
        let words = isTold ? remittance.text : details.text("AddtlTxInf") ?? ntry.text("AddtlNtryInf") ?? ""
        return BankEntry.Transaction(
            amount: statedAmount(details, in: entryAmount.currency).map { isDebit ? -$0 : $0 },
            endToEndID: reference(details.text("Refs", "EndToEndId")), mandateID: reference(details.text("Refs", "MndtId")),
            counterpartyName: party.name, counterpartyIBAN: party.iban, structuredReference: remittance.reference,
            remittance: [oneLine(words), party.onBehalf ?? ""].filter { !$0.isEmpty }.joined(separator: " "), returnReason: reason,
            counterpartyAccount: party.account,
            purpose: details.text("Purp", "Cd") ?? details.text("Purp", "Prtry"), creditorID: creditorID(details),
            checkNumber: details.text("Refs", "ChqNb"))
    }

    /// The first amount the transaction states in the entry's currency, without sign.
    private mutating func statedAmount(_ details: XMLElement, in currency: Currency) -> Money? {
        let stated = [
            details.child("Amt"), details.at("AmtDtls", "TxAmt", "Amt"), details.at("AmtDtls", "InstdAmt", "Amt"),
            details.at("AmtDtls", "CntrValAmt", "Amt"),
        ]
        guard let element = stated.compactMap({ $0 }).first(where: { $0.attribute("Ccy") == currency.code }) else { return nil }
        do throws(FileFault) { return try amount(element) } catch {
            find(error.line, "transaction without a usable amount: \(error.message)")
            return nil
        }
    }

    /// The other side: the debtor of a credit, the creditor of a debit; what is returned or reversed names the parties of the
    /// first payment, so its sides are swapped, with some banks not, which shows where only one account is named. The account of
    /// the statement itself is never the other side.
    private func counterparty(_ details: XMLElement, isCreditor: Bool, _ isTakenBack: Bool) -> CamtParty {
        guard let parties = details.child("RltdPties") else { return CamtParty() }
        let debtor = CamtParty(debtorOf: details, in: parties), creditor = CamtParty(creditorOf: details, in: parties)
        var side = isCreditor ? creditor : debtor
        let other = isCreditor ? debtor : creditor
        // Who started a payment that names no debtor.
        if !isCreditor, !isTakenBack { side.name = side.name ?? partyName(parties.child("InitgPty")) }
        if isTakenBack, (side.name ?? side.number) == nil, other.number != nil, other.number != header.account { return other }
        guard side.number == header.account else { return side }
        return other.number == header.account || (other.name ?? other.number) == nil ? side : other
    }
}

extension BankEntry.Transaction {
    /// Adds what names a batch that comes in one sum, as a collection of ours does.
    fileprivate mutating func addBatches(of ntry: XMLElement) {
        let batches = ntry.children("NtryDtls").flatMap { $0.children("Btch") }
        let numbers = batches.compactMap { reference($0.text("PmtInfId")) ?? reference($0.text("MsgId")) }
        remittance = ([remittance] + numbers.filter { !remittance.contains($0) }).filter { !$0.isEmpty }.joined(separator: " ")
    }

    /// Adds what the bank says beside the remittance information where a number stands in it, which may be a document's, and that
    /// stands nowhere else.
    fileprivate mutating func addNumbers(of details: XMLElement) {
        // Danish banks go on beside the words, where the schema has nothing.
        for words in details.child("RmtInf")?.children("AddtlRmtInf").map({ oneLine($0.content) }) ?? [] where !remittance.contains(words) {
            remittance = [remittance, words].filter { !$0.isEmpty }.joined(separator: " ")
        }
        guard let words = details.text("AddtlTxInf").map(oneLine) else { return }
        let told = [remittance, structuredReference ?? "", endToEndID ?? "", counterpartyNumber ?? "", details.text("Refs", "TxId") ?? ""]
        let isNew = words.split(whereSeparator: \.isWhitespace).contains { word in
            word.utf8.contains(where: \.isDigit) && !told.contains { $0.contains(word) }
        }
        if isNew { remittance = [remittance, words].filter { !$0.isEmpty }.joined(separator: " ") }
    }
}

/// One side of a transaction.
private struct CamtParty {
    var name: String?
    /// For whom it pays or is paid, where that is told beside the name.
    private(set) var onBehalf: String?
    private(set) var iban: String?
    /// A number that is no IBAN, behind the code of its bank where one is told.
    private(set) var account: String?
    /// The number as it is written, without blanks.
    private(set) var number: String?

    init() {}

    init(debtorOf details: XMLElement, in parties: XMLElement) {
        self.init(
            parties.child("Dbtr"), ultimate: parties.child("UltmtDbtr"), parties.child("DbtrAcct"),
            agent: details.at("RltdAgts", "DbtrAgt", "FinInstnId"))
    }

    init(creditorOf details: XMLElement, in parties: XMLElement) {
        self.init(
            parties.child("Cdtr"), ultimate: parties.child("UltmtCdtr"), parties.child("CdtrAcct"),
            agent: details.at("RltdAgts", "CdtrAgt", "FinInstnId"))
    }

    private init(_ party: XMLElement?, ultimate: XMLElement?, _ owned: XMLElement?, agent: XMLElement?) {
        name = partyName(party) ?? partyName(ultimate)
        onBehalf = partyName(ultimate).flatMap { $0 == name ? nil : $0 }
        let other = owned?.text("Id", "Othr", "Id")?.withoutBlanks
        iban = owned?.text("Id", "IBAN")?.withoutBlanks ?? other.flatMap { isIBAN($0) ? $0 : nil }
        number = iban ?? other
        guard iban == nil, let other else { return }
        let bank = agent?.text("ClrSysMmbId", "MmbId") ?? agent?.text("BICFI") ?? agent?.text("BIC")
        account = [bank?.withoutBlanks, other].compactMap { $0 }.joined(separator: "/")
    }
}

/// `Nm` up to version 07, below `Pty` or an agent since.
private func partyName(_ party: XMLElement?) -> String? {
    let name = party?.text("Nm") ?? party?.text("Pty", "Nm") ?? party?.text("Agt", "FinInstnId", "Nm")
    return reference(name).map(oneLine)
}

/// Why money comes back: the reason stated, else `NARR` where the bank's code for the transaction says that it does.
private func returnReason(_ details: XMLElement?, of ntry: XMLElement) -> String? {
    if let stated = details?.text("RtrInf", "Rsn", "Cd") ?? details?.text("RtrInf", "Rsn", "Prtry") { return stated }
    // Information on a return without a reason is one all the same.
    if details?.at("RtrInf", "AddtlInf") != nil || details?.at("RtrInf", "OrgnlBkTxCd") != nil { return "NARR" }
    guard let code = details?.child("BkTxCd") ?? ntry.child("BkTxCd") else { return nil }
    let german = code.text("Prtry", "Cd")?.split(separator: "+").dropFirst().first.map(String.init) ?? ""
    let isReturn =
        code.text("Domn", "Cd") == "PMNT" && returnCodes.contains(code.text("Domn", "Fmly", "SubFmlyCd") ?? "")
        || germanReturnCodes.contains(german)
    return isReturn ? "NARR" : nil
}

/// Sub-families of ISO 20022 bank transaction codes: unpaid or reversed direct debits, returned transfers, unpaid cheques.
private let returnCodes: Set<String> = ["UPDD", "PRDD", "RCDD", "RRTN", "RPCR", "UPCQ", "CQRV"]
/// GVC of the German Banking Industry Committee, the second part of `NDDT+109+931`.
private let germanReturnCodes: Set<String> = ["108", "109", "159", "160", "181", "184", "193"]

/// The number of the document in Czech and Slovak payments.
private func variableSymbol(_ details: XMLElement) -> String? {
    let refs = details.child("Refs")
    let stated = refs?.children("Prtry").first { $0.text("Tp") == "VS" }?.text("Ref")?.trimmed ?? refs?.text("EndToEndId").flatMap(symbol)
    return stated.flatMap { $0.contains { $0 != "0" } ? $0 : nil }
}

/// `/VS0002026041/SS0000000000/KS0308` → `2026041`
private func symbol(_ endToEndID: String) -> String? {
    guard endToEndID.hasPrefix("/VS") else { return nil }
    let digits = endToEndID.dropFirst(3).prefix { $0 != "/" }
    return digits.utf8.allSatisfy(\.isDigit) ? String(digits.drop { $0 == "0" }) : nil
}

/// `VS:2026001234` → `2026001234`
private func labelledSymbol(_ reference: String) -> String? {
    guard reference.hasPrefix("VS:") else { return nil }
    let digits = reference.dropFirst(3).drop { $0 == "0" || $0 == " " }
    return !digits.isEmpty && digits.utf8.allSatisfy(\.isDigit) ? String(digits) : nil
}

private func reference(_ text: String?) -> String? { ["NOTPROVIDED", "NONREF"].contains(text?.uppercased()) ? nil : text }

private func creditorID(_ details: XMLElement) -> String? {
    let party = details.at("RltdPties", "Cdtr", "Pty") ?? details.at("RltdPties", "Cdtr")
    let numbers = party?.at("Id", "PrvtId")?.children("Othr") ?? []
    return numbers.first { $0.text("SchmeNm", "Prtry") == "SEPA" }?.text("Id")
}

/// A text that was laid out over several lines.
private func oneLine(_ text: String) -> String { text.utf8.contains { $0 == 10 || $0 == 9 || $0 == 13 } ? singleSpaced(text) : text }

/// What `RmtInf` says: one reference, and all other words joined by blanks; a full `Ustrd` was cut, so the next continues its word.
private struct Remittance {
    private(set) var reference: String?
    private(set) var text = ""

    /// - Parameter symbol: Of the payment itself: the reference where the information names none.
    init(_ information: XMLElement?, symbol: String?) {
        var named: String?
        defer {
            if reference == nil { reference = symbol } else if let symbol { text += (text.isEmpty ? "" : " ") + symbol }
            // The constant symbol tells the kind of payment only.
            if let named, let told = reference, told.hasPrefix("VS:") || told.hasPrefix("KS:") { reference = named }
        }
        guard let information else { return }
        var words: [String] = [], isFull = false
        for line in information.children("Ustrd").map(\.content) {
            if isFull { words[words.count - 1] += line } else { words.append(line) }
            isFull = line.count == 140
        }
        for structured in information.children("Strd") {
            if let found = structured.text("CdtrRefInf", "Ref") {
                if reference == nil { reference = found } else { words.append(found) }
                named = named ?? labelledSymbol(found)
            }
            words += structured.children("RfrdDocInf").compactMap { $0.text("Nb") }
            words += structured.children("AddtlRmtInf").map(\.content)
        }
        text = words.filter { !$0.isEmpty }.joined(separator: " ")
    }
}
