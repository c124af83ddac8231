package sandbox

func (s *Sandbox) createPortal(r *request) (any, *apiError) {
	f := r.form
	known := []string{
		"customer", "return_url", "configuration", "locale", "flow_data[type]", "flow_data[subscription_cancel][subscription]",
		"flow_data[subscription_update][subscription]", "flow_data[after_completion][type]", "flow_data[after_completion][redirect][return_url]",
	}
	if fault := f.only(known...); fault != nil {
		return nil, fault
	}
	if fault := f.required("customer"); fault != nil {
		return nil, fault
	}
	owner, fault := s.owner(f)
	if fault != nil {
		return nil, fault
	}
	flow, fault := f.choice("flow_data[type]", "", "payment_method_update", "subscription_cancel", "subscription_update")
	if fault != nil {
		return nil, fault
	}
	p := &portal{
		Customer: owner.ID, ReturnURL: f.get("return_url"), Flow: flow, Created: s.now(),
		FlowReturnURL: f.get("flow_data[after_completion][redirect][return_url]"),
	}
	if flow == "subscription_cancel" || flow == "subscription_update" {
		param := "flow_data[" + flow + "][subscription]"
		p.FlowSubscription = f.get(param)
		if sub, ok := s.state.Subscriptions.get(p.FlowSubscription); !ok || sub.Customer != owner.ID {
			return nil, missing("subscription", p.FlowSubscription, param)
		}
	}
	p.ID = s.newID("bps")
	s.state.Portals.add(p)
	return s.portalObject(p), nil
}

func (s *Sandbox) portalObject(p *portal) object {
	shown := object{
		"id": p.ID, "object": "billing_portal.session", "configuration": "bpc_" + s.state.Prefix, "created": p.Created, "customer": p.Customer, "flow": nil,
		"livemode": false, "locale": nil, "on_behalf_of": nil, "return_url": null(p.ReturnURL), "url": s.url("/portal/" + p.ID),
	}
	if p.Flow == "" {
		return shown
	}
	flow := object{
		"type": p.Flow, "after_completion": object{"type": "portal_homepage", "redirect": nil, "hosted_confirmation": nil},
		"subscription_cancel": nil, "subscription_update": nil, "subscription_update_confirm": nil,
	}
	if p.FlowReturnURL != "" {
		flow["after_completion"] = object{"type": "redirect", "redirect": object{"return_url": p.FlowReturnURL}, "hosted_confirmation": nil}
	}
	if p.FlowSubscription != "" {
		flow[p.Flow] = object{"subscription": p.FlowSubscription, "retention": nil}
	}
	shown["flow"] = flow
	return shown
}
