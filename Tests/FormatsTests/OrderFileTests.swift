import Domain
import Formats
import Testing

@Suite struct OrderFileTests {
    private static let head = "order_id,customer,country,ordered_on,currency,sku,description,quantity,unit_price"
    private static let retail = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country"

    private func orders(_ rows: [String]) throws -> OrderFile {
        try withFile(rows.joined(separator: "\n"), readOrders)
    }

    @Test func groupsFlorinRowsByOrder() throws {
        let file = try orders([
            Self.head + ",channel,kind",
            "7,C1,DE,2026-01-31,EUR,A,Bolt,2.5,0.333333,shop,",
            "8,,FR,2026-01-31,JPY,B,\"Nut, hex\",1,1200,,",
            "7,C1,DE,2026-02-01,EUR,B,Nut,1,10,shop,sale",
            "7,C1,DE,2026-02-01,EUR,B,Nut,-1,10,web,cancellation",
        ])
        let bolt = OrderIntake.Line(sku: "A", description: "Bolt", quantityMilli: 2500, priceMicro: 333_333)
        let nut = OrderIntake.Line(sku: "B", description: "Nut", quantityMilli: 1000, priceMicro: 10_000_000)
        #expect(file.orders.map(\.externalID) == ["7", "8", "7"])
        #expect(
            file.orders[0]
                == OrderIntake(
                    channel: "shop", externalID: "7", kind: .sale, customerNumber: "C1", country: "DE",
                    orderedOn: try #require(Day("2026-01-31")), currency: .eur, lines: [bolt, nut]))
        #expect(file.orders[1].channel == "file")
        #expect(file.orders[1].customerNumber == nil)
        #expect(file.orders[1].lines[0].description == "Nut, hex")
        #expect((file.rowCount, file.orderNumberCount) == (4, 2))
        #expect(file.refused.isEmpty)
        #expect(file.totals[.eur]?.salesMicro == 10_833_333)
        #expect(file.totals[.eur]?.netMicro == 833_333)
        #expect(file.totals[.jpy]?.netMicro == 1_200_000_000)
    }

    /// As the books tell them: one letter may be written in two ways.
    @Test func numbersOfDifferentBytesAreDifferentOrders() throws {
        let file = try orders([
            Self.head, "\u{C9}1,C1,DE,2026-01-31,EUR,A,Bolt,1,1", "E\u{301}1,C1,DE,2026-01-31,EUR,A,Bolt,1,1",
        ])
        #expect(file.orders.count == 2 && file.orderNumberCount == 2 && file.orders.map(\.lines.count) == [1, 1])
    }

    @Test(
        arguments: [
            ("7,C,DE,2026-02-30,EUR,A,x,1,1", .date), ("7,C,Germany,2026-01-31,EUR,A,x,1,1", .country),
            ("7,C,UK,2026-01-31,EUR,A,x,1,1", .country), ("7,C,XI,2026-01-31,EUR,A,x,1,1", .country),
            ("7,C,DE,2026-01-31,XXY,A,x,1,1", .currency), ("7,C,DE,2026-01-31,EUR,,x,1,1", .sku),
            (",C,DE,2026-01-31,EUR,A,x,1,1", .orderNumber), ("7,C,DE,2026-01-31,EUR,A,x,one,1", .quantity),
            ("7,C,DE,2026-01-31,EUR,A,x,0,1", .quantity), ("7,C,DE,2026-01-31,EUR,A,x,0.0001,1", .quantity),
            ("7,C,DE,2026-01-31,EUR,A,x,-1,1", .stockMovement), ("7,C,DE,2026-01-31,EUR,A,x,1,1e3", .price),
            ("7,C,DE,2026-01-31,EUR,A,x,1,0.0000001", .price), ("7,C,DE,2026-01-31,EUR,A,x,1,-1", .price),
            ("7,C,DE,2026-01-31,EUR,A,x,9000000000,1000000", .amount), ("7,C,DE,2026-01-31,EUR,A,x,1", .columns),
        ] as [(String, RowRefused.Reason)])
    func refusesOneRowAndGoesOn(row: String, reason: RowRefused.Reason) throws {
        let good = "6,C,DE,2026-01-31,EUR,A,x,1,2"
        let file = try orders([Self.head, good, row, good])
        #expect(file.orders.map(\.lines.count) == [2])
        #expect(file.refused.map(\.line) == [3])
        #expect(file.refusedCounts == [reason: 1])
        #expect(file.totals[.eur]?.netMicro == 4_000_000)
    }

    /// An order is billed as the customer gave it, or not at all.
    @Test(
        arguments: [
            ("6,D,DE,2026-01-31,EUR,A,x,1,1", .contradiction), ("6,C,FR,2026-01-31,EUR,A,x,1,1", .contradiction),
            ("6,C,DE,2026-01-31,USD,A,x,1,1", .contradiction), ("6,C,DE,2026-01-31,EUR,A,x,1,\"1,000.00\"", .price),
            ("6,C,DE,2026-01-31,EUR,A,x,1,1,000.00", .columns), ("6,C,DE,2026-02-30,EUR,A,x,1,1", .date),
        ] as [(String, RowRefused.Reason)])
    func refusesAnOrderWhole(row: String, reason: RowRefused.Reason) throws {
        let good = "6,C,DE,2026-01-31,EUR,A,x,1,2", other = "8,C,DE,2026-01-31,EUR,A,x,1,3"
        for rows in [[good, row, good, other], [row, good, other, good]] {
            let file = try orders([Self.head] + rows)
            #expect(file.orders.map(\.externalID) == ["8"] && file.refusesWholeOrders)
            let lines: [Int?] = rows.indices.filter { rows[$0] != other }.map { $0 + 2 }
            #expect(file.refused.map(\.line) == lines)
            #expect(file.refusedCounts.values.reduce(0, +) == 3)
            if row == rows[1] { #expect(file.refusedCounts == [reason: 1, .incompleteOrder: 2]) }
            #expect(file.totals[.eur]?.netMicro == 3_000_000)
        }
        let told = try orders([Self.head, good, row]).refused.first?.message
        #expect(told == "order 6 is refused whole, because its line 3 of the file is")
    }

    @Test func refusesAnOrderOfItsChannelOnly() throws {
        let file = try orders([
            Self.head + ",channel", "6,C,DE,2026-01-31,EUR,A,x,1,2,shop", "6,C,DE,2026-01-31,EUR,A,x,1,one,web",
            "6,C,DE,2026-01-31,EUR,A,x,1,2,web",
        ])
        #expect(file.orders.map(\.channel) == ["shop"] && file.refused.map(\.line) == [3, 4])
    }

    /// Each row of the public data is a fact of its own.
    @Test func keepsTheOtherRowsOfOnlineRetail() throws {
        let good = "536365,85123A,HOLDER,6,2010-12-01 08:26:00,2.5,17850,United Kingdom"
        let file = try orders([Self.retail, good, good.replacing(",6,", with: ",-6,"), good])
        #expect(file.orders.map(\.lines.count) == [2] && file.refused.map(\.line) == [3] && !file.refusesWholeOrders)
        #expect(file.totals[.gbp]?.salesMicro == 30_000_000)
    }

    @Test func readsOnlineRetail() throws {
        let file = try orders([
            Self.retail,
            "536365,85123A,HOLDER ,6,2010-12-01 08:26:00,2.55,17850.0,United Kingdom",
            "536365,71053,LANTERN,6,12/1/2010 8:26,0.001,17850,United Kingdom",
            "C536379,D,Discount,-1,12/1/10 9:41,27.5,,EIRE",
            "A563185,B,Adjust bad debt,1,2011-08-12 14:50:00,-11062.06,,Unspecified",
            "536589,21777,,-10,2010-12-01 16:50:00,0.0,,United Kingdom",
            "536590,21777,x,1,13/1/2010 16:50,0.0,,United Kingdom",
            "536591,21777,x,1,2010-12-01,0.0,,Nigeria",
            "536592,21777,x,1,2010-12-01,0.0,,RSA",
        ])
        #expect(file.orders.map(\.kind) == [.sale, .cancellation, .adjustment, .sale])
        #expect(file.orders.map(\.country) == ["GB", "IE", "ZZ", "ZA"])
        #expect(file.orders.map(\.customerNumber) == ["17850", nil, nil, nil])
        #expect(file.orders.map(\.orderedOn.iso8601) == ["2010-12-01", "2010-12-01", "2011-08-12", "2010-12-01"])
        #expect(file.orders[0].lines.map(\.priceMicro) == [2_550_000, 1000])
        #expect(file.refusedCounts == [.stockMovement: 1, .date: 1, .country: 1])
        #expect(file.refused.map(\.line) == [6, 7, 8])
        #expect((file.rowCount, file.orderNumberCount) == (8, 7))
        let total = file.totals[.gbp]
        #expect(total?.salesMicro == 15_306_000)
        #expect(total?.cancellationsMicro == -27_500_000)
        #expect(total?.adjustmentsMicro == -11_062_060_000)
    }

    @Test func namesTheColumnsItMisses() throws {
        #expect(
            try fault { _ = try orders(["order_id;sku", "1;2"]) }?.message
                == "missing columns customer, country, ordered_on, currency, description, quantity, unit_price; found: order_id, sku")
        let priceless = try fault { _ = try orders([Self.retail.replacing(",UnitPrice", with: "")]) }
        #expect(priceless?.message.hasPrefix("missing column UnitPrice;") == true)
        #expect(try fault { _ = try orders([]) }?.message == "is empty: the first line must name the columns")
    }

    @Test func aRefusedRowSaysItsChannel() throws {
        let file = try orders([
            Self.head + ",channel", "6,C,DE,2026-01-31,EUR,A,x,1,one,shop", "7,C,DE,2026-01-31,EUR,A,x,1,one,", "8,C,DE,2026-01-31,EUR,A",
            "9,C,DE,2026-01-31,EUR,A,x,1,1,web", "9,C,FR,2026-01-31,EUR,A,x,1,1,web",
        ])
        #expect(file.refusedRows.map(\.number) == ["6", "7", "8", "9", "9"])
        #expect(file.refusedRows.map(\.channel) == ["shop", "file", "", "web", "web"])
        let retail = try orders([Self.retail, "536365,85123A,HOLDER,-6,2010-12-01 08:26:00,2.5,17850,United Kingdom"])
        #expect(retail.refusedRows.map(\.channel) == ["web"])
    }

    /// Which of two columns counts is not known: neither is taken.
    @Test func aColumnIsNamedOnce() throws {
        for twice in [Self.head + ",sku", Self.head + ",SKU ", Self.retail + ",StockCode"] {
            let told = try fault { _ = try orders([twice]) }
            #expect(told?.line == 1 && told?.message.hasSuffix("is named twice: name each column once") == true, "\(twice)")
        }
        #expect(try fault { _ = try orders([Self.head + ",channel,Channel"]) }?.message.hasPrefix("column Channel is") == true)
        #expect(
            try orders([Self.head + ",,,", "7,C,DE,2026-01-31,EUR,A,x,1,1,,,"]).orders.count == 1, "columns without a name are no columns")
    }

    /// What programs are told of a file: where each order begins, and of each row that is refused its number and column.
    @Test func everyOrderAndRefusedRowHasItsPlace() throws {
        let file = try orders([
            Self.head, "7,C,DE,2026-01-31,EUR,A,x,1,1", "8,C,DE,2026-02-30,EUR,A,x,1,1", "9,C,DE,2026-01-31,EUR,A,x,1,1",
            "8,C,DE,2026-01-31,EUR,A,x,1,1", "7,C,DE,2026-01-31,EUR,B,x,1,1",
        ])
        #expect(file.orders.map(\.externalID) == ["7", "9"] && file.firstLines == [2, 4])
        #expect(file.refusedRows.map(\.line) == [3, 5] && file.refusedRows.map(\.number) == ["8", "8"])
        #expect(file.refusedRows.map(\.channel) == ["file", "file"])
        #expect(file.refusedRows.map(\.reason.column) == ["ordered_on", "order_id"])
    }
}
