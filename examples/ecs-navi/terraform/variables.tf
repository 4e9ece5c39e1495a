variable "region" {
  type    = string
  default = "ap-northeast-1"
}

variable "service_name" {
  type    = string
  default = "ecs-navi"
}

variable "domain" {
  type        = string
  description = "The public hosted zone that is made for the two host names."
  default     = "ecs-navi.site"
}

variable "image_prefix" {
  type        = string
  description = "Where the three images were pushed, for example <account>.dkr.ecr.ap-northeast-1.amazonaws.com."
  default     = "000000000000.dkr.ecr.ap-northeast-1.amazonaws.com"
}

variable "backend_count" {
  type    = number
  default = 1
}

# The balancer waits so long for open connections before it lets a target go; AWS's default is 300.
variable "deregistration_delay" {
  type    = number
  default = 300
}

variable "vpc_cidr" {
  type    = string
  default = "10.0.0.0/16"
}
