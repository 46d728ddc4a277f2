// What the stand-in sends and takes, in the SDK's own words. Types only: check.ts reads them with the compiler.

import type Stripe from "stripe";

/** By the `object` field. */
export interface Objects {
  customer: Stripe.Customer | Stripe.DeletedCustomer;
  product: Stripe.Product;
  price: Stripe.Price;
  "checkout.session": Stripe.Checkout.Session;
  item: Stripe.LineItem;
  payment_intent: Stripe.PaymentIntent;
  payment_method: Stripe.PaymentMethod;
  charge: Stripe.Charge;
  balance_transaction: Stripe.BalanceTransaction;
  refund: Stripe.Refund;
  subscription: Stripe.Subscription;
  invoice: Stripe.Invoice;
  dispute: Stripe.Dispute;
  coupon: Stripe.Coupon | Stripe.DeletedCoupon;
  promotion_code: Stripe.PromotionCode;
  discount: Stripe.Discount;
  event: Stripe.Event;
  account: Stripe.Account;
  account_link: Stripe.AccountLink;
  transfer: Stripe.Transfer;
  transfer_reversal: Stripe.TransferReversal;
  "test_helpers.test_clock": Stripe.TestHelpers.TestClock | Stripe.TestHelpers.DeletedTestClock;
  "billing.meter": Stripe.Billing.Meter;
  "billing.meter_event": Stripe.Billing.MeterEvent;
  "billing.meter_event_summary": Stripe.Billing.MeterEventSummary;
}

/** By endpoint, as endpoints.ts names them. */
export interface Requests {
  "POST /v1/customers": Stripe.CustomerCreateParams;
  "GET /v1/customers": Stripe.CustomerListParams;
  "GET /v1/customers/:id": Stripe.CustomerRetrieveParams;
  "POST /v1/customers/:id": Stripe.CustomerUpdateParams;
  "POST /v1/products": Stripe.ProductCreateParams;
  "GET /v1/products": Stripe.ProductListParams;
  "GET /v1/products/:id": Stripe.ProductRetrieveParams;
  "POST /v1/prices": Stripe.PriceCreateParams;
  "GET /v1/prices": Stripe.PriceListParams;
  "GET /v1/prices/:id": Stripe.PriceRetrieveParams;
  "POST /v1/checkout/sessions": Stripe.Checkout.SessionCreateParams;
  "GET /v1/checkout/sessions": Stripe.Checkout.SessionListParams;
  "GET /v1/checkout/sessions/:id": Stripe.Checkout.SessionRetrieveParams;
  "POST /v1/checkout/sessions/:id/expire": Stripe.Checkout.SessionExpireParams;
  "GET /v1/checkout/sessions/:id/line_items": Stripe.Checkout.SessionListLineItemsParams;
  "GET /v1/subscriptions/:id": Stripe.SubscriptionRetrieveParams;
  "POST /v1/subscriptions/:id": Stripe.SubscriptionUpdateParams;
  "GET /v1/invoices": Stripe.InvoiceListParams;
  "POST /v1/payment_intents": Stripe.PaymentIntentCreateParams;
  "POST /v1/payment_intents/:id/cancel": Stripe.PaymentIntentCancelParams;
  "GET /v1/payment_intents": Stripe.PaymentIntentListParams;
  "GET /v1/payment_intents/:id": Stripe.PaymentIntentRetrieveParams;
  "GET /v1/charges": Stripe.ChargeListParams;
  "GET /v1/charges/:id": Stripe.ChargeRetrieveParams;
  "POST /v1/refunds": Stripe.RefundCreateParams;
  "GET /v1/refunds": Stripe.RefundListParams;
  "GET /v1/refunds/:id": Stripe.RefundRetrieveParams;
  "GET /v1/customers/:id/payment_methods": Stripe.CustomerListPaymentMethodsParams;
  "GET /v1/payment_methods": Stripe.PaymentMethodListParams;
  "GET /v1/payment_methods/:id": Stripe.PaymentMethodRetrieveParams;
  "POST /v1/payment_methods/:id/detach": Stripe.PaymentMethodDetachParams;
  "GET /v1/disputes": Stripe.DisputeListParams;
  "GET /v1/disputes/:id": Stripe.DisputeRetrieveParams;
  "POST /v1/disputes/:id/close": Stripe.DisputeCloseParams;
  "GET /v1/balance_transactions": Stripe.BalanceTransactionListParams;
  "GET /v1/balance_transactions/:id": Stripe.BalanceTransactionRetrieveParams;
  "GET /v1/events": Stripe.EventListParams;
  "GET /v1/events/:id": Stripe.EventRetrieveParams;
  "POST /v1/billing/meters": Stripe.Billing.MeterCreateParams;
  "GET /v1/billing/meters": Stripe.Billing.MeterListParams;
  "POST /v1/billing/meter_events": Stripe.Billing.MeterEventCreateParams;
  "GET /v1/billing/meters/:id/event_summaries": Stripe.Billing.MeterListEventSummariesParams;
  "POST /v1/test_helpers/test_clocks": Stripe.TestHelpers.TestClockCreateParams;
  "GET /v1/test_helpers/test_clocks": Stripe.TestHelpers.TestClockListParams;
  "GET /v1/test_helpers/test_clocks/:id": Stripe.TestHelpers.TestClockRetrieveParams;
  "POST /v1/test_helpers/test_clocks/:id/advance": Stripe.TestHelpers.TestClockAdvanceParams;
  "DELETE /v1/test_helpers/test_clocks/:id": Stripe.TestHelpers.TestClockDeleteParams;
  "POST /v1/coupons": Stripe.CouponCreateParams;
  "GET /v1/coupons": Stripe.CouponListParams;
  "GET /v1/coupons/:id": Stripe.CouponRetrieveParams;
  "DELETE /v1/coupons/:id": Stripe.CouponDeleteParams;
  "POST /v1/promotion_codes": Stripe.PromotionCodeCreateParams;
  "GET /v1/promotion_codes": Stripe.PromotionCodeListParams;
  "GET /v1/promotion_codes/:id": Stripe.PromotionCodeRetrieveParams;
  "POST /v1/promotion_codes/:id": Stripe.PromotionCodeUpdateParams;
  "POST /v1/accounts": Stripe.AccountCreateParams;
  "GET /v1/accounts/:id": Stripe.AccountRetrieveParams;
  "POST /v1/account_links": Stripe.AccountLinkCreateParams;
  "POST /v1/transfers": Stripe.TransferCreateParams;
  "GET /v1/transfers": Stripe.TransferListParams;
  "GET /v1/transfers/:id": Stripe.TransferRetrieveParams;
  "POST /v1/transfers/:id/reversals": Stripe.TransferCreateReversalParams;
  "GET /v1/transfers/:id/reversals": Stripe.TransferListReversalsParams;
}
