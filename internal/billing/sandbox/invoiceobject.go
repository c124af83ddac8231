package sandbox

import "cmp"

func (s *Sandbox) invoiceObject(inv *invoice) object { return s.invoiceExpanded(inv, nil) }

func (s *Sandbox) invoiceExpanded(inv *invoice, wanted expansion) object {
	c, _ := s.state.Customers.get(inv.Customer)
	shown := object{
		"object": "invoice", "account_country": "US", "account_name": "Sandbox", "amount_due": inv.AmountDue,
		"amount_paid": inv.AmountPaid, "amount_remaining": inv.AmountDue - inv.AmountPaid, "amount_shipping": 0, "application": nil,
		"attempt_count": inv.Attempts, "attempted": inv.Attempts > 0 || inv.Status == invoicePaid, "auto_advance": inv.AutoAdvance && inv.Status != invoicePaid,
		"automatic_tax": object{"enabled": false, "status": nil}, "billing_reason": inv.Reason, "charge": nil, "collection_method": "charge_automatically",
		"created": inv.Created, "currency": inv.Currency, "customer": wanted.reference("customer", c.ID, s.customerReference(c)), "customer_email": null(c.Email),
		"customer_name": null(c.Name), "default_payment_method": nil, "description": nil, "discount": nil, "discounts": []string{}, "due_date": nil,
		"ending_balance": nil, "footer": nil, "hosted_invoice_url": nil, "invoice_pdf": nil, "last_finalization_error": nil,
		"lines": s.linesObject(inv), "livemode": false, "metadata": object{}, "next_payment_attempt": null(inv.NextAttempt), "number": nil,
		"paid": inv.Status == invoicePaid, "paid_out_of_band": false, "payment_intent": nil,
		"period_start": inv.PeriodStart, "period_end": inv.PeriodEnd, "post_payment_credit_notes_amount": 0, "pre_payment_credit_notes_amount": 0,
		"receipt_number": nil, "starting_balance": inv.StartingBalance, "statement_descriptor": nil, "status": inv.Status,
		"status_transitions": object{
			"finalized_at": null(inv.FinalizedAt), "marked_uncollectible_at": nil, "paid_at": null(inv.PaidAt), "voided_at": null(inv.VoidedAt),
		},
		"subscription":         wanted.reference("subscription", inv.Subscription, s.subscriptionReference(inv.Subscription)),
		"subscription_details": object{"metadata": metadata(inv.SubscriptionMetadata)},
		"subtotal":             inv.Total, "subtotal_excluding_tax": inv.Total, "tax": nil, "test_clock": nil, "total": inv.Total, "total_discount_amounts": []object{},
		"total_excluding_tax": inv.Total, "total_tax_amounts": []object{}, "transfer_data": nil, "webhooks_delivered_at": nil,
	}
	if inv.ID != "" { // a preview has none
		shown["id"] = inv.ID
	}
	if inv.FinalizedAt != 0 {
		shown["ending_balance"], shown["number"] = inv.EndingBalance, inv.Number
		shown["hosted_invoice_url"], shown["invoice_pdf"] = s.url("/invoice/"+inv.ID), s.url("/invoice/"+inv.ID+"?pdf=1")
	}
	if inv.Intent != nil {
		shown["payment_intent"] = wanted.reference("payment_intent", inv.Intent.ID, func(expansion) object { return s.intentObject(inv) })
	}
	return shown
}

func (s *Sandbox) customerReference(c *customer) func(expansion) object {
	return func(e expansion) object { return s.customerExpanded(c, e) }
}

func (s *Sandbox) subscriptionReference(id string) func(expansion) object {
	return func(e expansion) object {
		sub, _ := s.state.Subscriptions.get(id)
		return s.subscriptionExpanded(sub, e)
	}
}

func (s *Sandbox) invoiceReference(id string) func(expansion) object {
	return func(e expansion) object {
		inv, _ := s.state.Invoices.get(id)
		return s.invoiceExpanded(inv, e)
	}
}

func (s *Sandbox) linesObject(inv *invoice) object {
	data := []object{}
	for _, l := range inv.Lines {
		data = append(data, s.lineObject(inv, l))
	}
	url := "/v1/invoices/" + cmp.Or(inv.ID, "upcoming") + "/lines"
	return object{"object": "list", "data": data, "has_more": false, "total_count": len(data), "url": url}
}

func (s *Sandbox) lineObject(inv *invoice, l line) object {
	p, _ := s.state.Prices.get(l.Price)
	kind, details := "subscription", object{"credited_items": nil}
	if l.Proration {
		kind = "invoiceitem"
	}
	return object{
		"id": l.ID, "object": "line_item", "amount": l.Amount, "amount_excluding_tax": l.Amount, "currency": inv.Currency, "description": l.Description,
		"discount_amounts": []object{}, "discountable": !l.Proration, "discounts": []string{}, "invoice": null(inv.ID), "livemode": false,
		"metadata": object{}, "period": object{"start": l.PeriodStart, "end": l.PeriodEnd}, "plan": s.planObject(p), "price": s.priceObject(p),
		"proration": l.Proration, "proration_details": details, "quantity": l.Quantity, "subscription": null(inv.Subscription),
		"subscription_item": null(l.Item), "tax_amounts": []object{}, "tax_rates": []object{}, "type": kind,
	}
}

func (s *Sandbox) intentObject(inv *invoice) object {
	i := inv.Intent
	shown := object{
		"id": i.ID, "object": "payment_intent", "amount": i.Amount, "amount_received": inv.AmountPaid, "capture_method": "automatic",
		"client_secret": i.Secret, "confirmation_method": "automatic", "created": i.Created, "currency": inv.Currency, "customer": inv.Customer,
		"invoice": null(inv.ID), "last_payment_error": nil, "livemode": false, "metadata": object{}, "next_action": nil,
		"payment_method_types": []string{"card"}, "status": i.Status,
	}
	if i.Status == "requires_action" {
		shown["next_action"] = object{"type": "use_stripe_sdk", "use_stripe_sdk": object{"type": "three_d_secure_redirect"}}
	}
	if i.Code != "" {
		shown["last_payment_error"] = object{"type": "card_error", "code": i.Code, "decline_code": null(i.DeclineCode), "message": "Your card was declined."}
	}
	return shown
}
